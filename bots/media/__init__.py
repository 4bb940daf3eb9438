"""Calls for bots: hear and see the people of a room's call, and play files to them.

call = await room.join_call()
playback = await call.play("intro.webm")
async for track in call.tracks():
    frame = await track.recv()
"""

from bots.media.call import CallOver, MediaCall
from bots.media.incoming import RemoteTrack, TrackEnded
from bots.media.outgoing import Playback

__all__ = ["CallOver", "MediaCall", "Playback", "RemoteTrack", "TrackEnded"]
