// A receiver of OpenBiometrics with the documented check of the signature in Node.js.
const crypto = require("crypto");
const http = require("http");

const secret = process.argv[2];

function verifyWebhook(payload, signature, secret) {
  const expected = crypto.createHmac("sha256", secret).update(payload).digest("hex");
  return signature === `sha256=${expected}`;
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const payload = Buffer.concat(chunks);
    if (!verifyWebhook(payload, request.headers["x-signature-256"], secret)) {
      response.writeHead(401).end();
      return;
    }
    const event = JSON.parse(payload);
    // The page documents both headers.
    const isDescribed =
      request.headers["x-event-id"] === event.id && request.headers["x-event-type"] === event.type;
    console.log("got", event.id, event.type);
    response.writeHead(isDescribed ? 200 : 400).end();
  });
});
server.listen(0, "127.0.0.1", () => console.log("port", server.address().port));
// It ends when the script closes the pipe.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
