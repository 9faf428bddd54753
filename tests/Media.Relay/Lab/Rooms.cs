using Parley.Media.Control;

namespace Parley.tests.Media.Relay.Lab;

/// <summary>Rooms full of connected peers.</summary>
internal static class Rooms
{
    /// <summary>Brings peers into the room, each with slots for all others, and connects them.</summary>
    public static LabPeer[] Fill(this VirtualRelay relay, int count, bool hasRtx = true, Func<int, string>? naming = null)
    {
        var peers = Enumerable.Range(1, count).Select(i => relay.AddPeer($"p{i}", i)).ToArray();
        var state = relay.Modify([.. peers.Select((p, i) => Specs.Leg(p, peers.Where(o => o != p), hasRtx) with { Name = naming?.Invoke(i) })]);
        foreach (var peer in peers) peer.Connect(StateOf(state, peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(300);
        Assert.All(peers, p => Assert.True(p.IsConnected, $"{p.Id} is not connected"));
        return peers;
    }

    public static TransportState StateOf(ConferenceState state, LabPeer peer) => state.Endpoints.Single(e => e.Id == peer.Id).Transports.Single();
}
