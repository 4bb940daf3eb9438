// A caller without our page: one RTCPeerConnection that makes all offers, towards one bot. Its ICE servers are none.
// `tell(content)` (from outside) sends a signal; `hear(content)` takes one; `room(audio, video)` makes room for so many tracks.
window.caller = async (tell) => {
  const connection = new RTCPeerConnection({ iceServers: [] });
  connection.createDataChannel("keep", { negotiated: true, id: 0 });
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240 } });
  const streams = {};
  for (const track of media.getTracks()) {
    const stream = new MediaStream([track]);
    streams[track.kind] = stream.id;
    connection.addTrack(track, stream);
  }
  connection.ontrack = ({ track }) => {
    if (track.kind !== "audio") return;
    const element = document.createElement("audio"); // only what is played is decoded
    element.srcObject = new MediaStream([track]);
    document.documentElement.append(element);
    void element.play();
  };
  let chain = Promise.resolve();
  const offer = () => {
    chain = chain.then(async () => {
      if (connection.signalingState !== "stable") return;
      await connection.setLocalDescription();
      await tell({ description: { type: "offer", sdp: connection.localDescription.sdp } });
    });
    return chain;
  };
  connection.onicecandidate = ({ candidate }) =>
    tell({
      candidate: candidate
        ? { candidate: candidate.candidate, sdp_mid: candidate.sdpMid, sdp_m_line_index: candidate.sdpMLineIndex }
        : { candidate: "" },
    });
  const hear = async (content) => {
    if (content.description) await connection.setRemoteDescription(content.description);
    else if (content.candidate?.candidate) await connection.addIceCandidate(content.candidate);
    else if (content.wants_offer) await offer();
  };
  const room = (kind, count) => {
    const there = connection.getTransceivers().filter((one) => one.receiver.track.kind === kind).length;
    for (let missing = count - there; missing > 0; missing -= 1) connection.addTransceiver(kind, { direction: "recvonly" });
  };
  const received = async () => {
    const inbound = [...(await connection.getStats()).values()].filter((one) => one.type === "inbound-rtp");
    return inbound.map((one) => ({
      kind: one.kind,
      packets: one.packetsReceived ?? 0,
      frames: one.framesDecoded ?? 0,
      energy: one.totalAudioEnergy ?? 0,
    }));
  };
  const heardStreams = () =>
    connection.remoteDescription.sdp.split(/\r\n(?=m=)/).flatMap((part) => part.match(/a=msid:(\S+)/)?.[1] ?? []);
  window.it = { connection, streams, offer, hear, room, received, heardStreams };
};
