// The sign-in link carries its code in the fragment, which is never sent; it is taken out of the address at once.
const code = location.hash.slice(1);
if (code !== "") {
  history.replaceState(null, "", location.pathname + location.search);
  const form = document.getElementById("sign-in");
  document.getElementById("code").value = code;
  form.requestSubmit();
}
