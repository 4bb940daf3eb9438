// The stock JavaScript client, driven line by line: {"connect": {url, token, transports?}}, {"call": [name, payload]},
// {"transport": true} on stdin, until that ends; what is heard and answered as JSON lines on stdout.
// Started with the path of the package.json beside whose node_modules the client is installed.
const { createInterface } = require("node:readline");
const { createRequire } = require("node:module");
const { io } = createRequire(process.argv[2])("socket.io-client");

let socket;
const tell = (what) => process.stdout.write(JSON.stringify(what) + "\n");

function connect({ url, token, transports }) {
  socket = io(url, {
    ...(transports ? { transports } : {}),
    auth: (give) => give({ token }),
    reconnectionDelay: 100,
    reconnectionDelayMax: 500,
  });
  socket.onAny((name, ...args) => tell({ event: name, args }));
  socket.on("connect", () => tell({ state: "connected" }));
  socket.on("disconnect", (reason) => tell({ state: "disconnected", reason }));
  socket.on("connect_error", (error) => tell({ state: "refused", message: error.message, data: error.data }));
  // After a close by the server the client stays away unless it is told to come back.
  socket.on("connection.error", (event) => {
    if (event.data.reconnect) socket.once("disconnect", (reason) => reason === "io server disconnect" && socket.connect());
  });
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  const [[verb, argument]] = Object.entries(JSON.parse(line));
  if (verb === "connect") connect(argument);
  if (verb === "call") tell({ answer: await socket.timeout(15000).emitWithAck(...argument).catch((error) => String(error)) });
  if (verb === "transport") tell({ transport: socket.io.engine.transport.name });
}).on("close", () => process.exit(0));
