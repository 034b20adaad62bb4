fetch("http://127.0.0.1:8080/healthz")
  .then(async (response) => {
    console.log(`/healthz answers ${response.status}: ${await response.text()}`);
    process.exit(response.ok ? 0 : 1);
  })
  .catch((error) => {
    console.log(`/healthz: ${error.cause?.message ?? error.message}`);
    process.exit(1);
  });
