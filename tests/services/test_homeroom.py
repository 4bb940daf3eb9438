"""The starter of our own server."""

from tests.services.homeroom import HomeroomServer


async def test_a_killed_node_serves_again_on_the_same_port(homeroom_server: HomeroomServer) -> None:
    address = homeroom_server.url
    await homeroom_server.kill()
    assert not homeroom_server.running
    await homeroom_server.start()
    assert homeroom_server.url == address
    assert await homeroom_server.terminate() == 0
