// A receiver of FACEIO in Node.js. As the page describes, it compares the bearer token in
// `WWW-Authenticate` and reads the documented keys of the payload.
const http = require("http");

const token = process.argv[2];

const server = http.createServer((request, response) => {
  let payload = "";
  request.setEncoding("utf8");
  request.on("data", (chunk) => (payload += chunk));
  request.on("end", () => {
    if (request.headers["www-authenticate"] !== `Bearer ${token}`) {
      response.writeHead(401).end();
      return;
    }
    const event = JSON.parse(payload);
    const { eventName, facialId, appId, clientIp, details } = event;
    const isComplete = [eventName, facialId, appId, clientIp, details].every((part) => part !== undefined);
    console.log("got", facialId, eventName);
    response.writeHead(isComplete && !Array.isArray(event) ? 200 : 400).end();
  });
});
server.listen(0, "127.0.0.1", () => console.log("port", server.address().port));
// It ends when the script closes the pipe.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
