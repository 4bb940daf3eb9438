// The least that Socket.IO's own server does for a room: no sign-in, no history, no order but the one it happens to have.
// It answers the two commands that the benchmark sends, with answers and events of the same size as Homeroom's.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer((_request, response) => response.end("ready"));
const io = new Server(http, { transports: ["websocket"], maxHttpBufferSize: 64 * 1024 });
const room = { id: "room_01hf7yat00q2s6w8c5k9v3x1zm", kind: "course", title: "Benchmark" };
const author = { id: "sender", name: "Sender", role: "student" };
let seq = 0;

io.on("connection", (socket) => {
  socket.on("room:join", (_wish, answer) => {
    socket.join(room.id);
    answer({ ok: true, data: { room } });
  });
  socket.on("message:send", (wish, answer) => {
    seq += 1;
    const ts = new Date().toISOString();
    const id = `msg_${String(seq).padStart(26, "0")}`;
    const message = { id, room_id: room.id, seq, author, text: wish.text, created_at: ts, revision: 0, reactions: [] };
    const place = { epoch: "ep_01hf7yat00q2s6w8c5k9v3x1zm", seq };
    io.to(room.id).emit("message.new", {
      type: "message.new",
      id: `evt_${String(seq).padStart(26, "0")}`,
      room_id: room.id,
      ...place,
      ts,
      actor: author,
      data: { message },
      client_id: wish.client_id,
    });
    answer({ ok: true, data: { message, ...place } });
  });
});

http.listen(Number(process.env.PORT), "127.0.0.1");
