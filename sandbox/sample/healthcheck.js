fetch("http://127.0.0.1:8080/healthz")
  .then((response) => process.exit(response.ok ? 0 : 1))
  .catch((error) => {
    console.error(`healthz: ${error.cause?.message ?? error.message}`);
    process.exit(1);
  });
