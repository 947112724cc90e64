"""What a page of the desk hears, for tests in a browser."""

from typing import Final

EAR: Final = """
localStorage.setItem("centrala.phone.devices", JSON.stringify({ cleaned: false }));
window.heard = [];
const Plain = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Plain {
  constructor(...given) {
    super(...given);
    this.addEventListener("track", event => {
      if (window.ear) window.ear.close();
      const context = window.ear = new AudioContext({ sampleRate: 8000 });
      const tap = context.createScriptProcessor(1024, 1, 1);
      tap.onaudioprocess = e => {
        if (window.heard.length < 240000)
          window.heard.push(...Array.from(e.inputBuffer.getChannelData(0), x => Math.round(x * 32767)));
      };
      context.createMediaStreamSource(event.streams[0] || new MediaStream([event.track])).connect(tap);
      tap.connect(context.destination);
    });
  }
};
"""
"""Writes down what the page hears, and leaves the sound of the microphone as the file has it."""
