using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Peers;

/// <summary>
/// Handles what one peer sends for many: in order between any two addresses (RFC 6120 section 10.1), side by side where nothing demands an order, so that one handler or
/// one slow client does not hold up all of the peer's people. A lane that is full makes the stream wait.
/// </summary>
internal sealed class PeerLanes(StreamLimits limits)
{
    /// <summary>How many there are.</summary>
    public const int Count = 16;

    private readonly SerialQueue?[] _lanes = new SerialQueue?[Count];

    /// <summary>Adds a stanza's handling. One reader at a time asks.</summary>
    public async ValueTask PostAsync(Stanza stanza, Func<ValueTask> work, CancellationToken ct)
    {
        var lane = _lanes[(uint)HashCode.Combine(stanza.From!.Bare, stanza.To!.Bare) % Count] ??= new SerialQueue(limits.PendingPerSender, limits.PendingBytesPerSender);
        await lane.PostAsync(work, () => stanza.Element.ToUtf8().Length, ct);
    }
}
