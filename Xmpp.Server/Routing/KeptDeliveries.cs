using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Routing;

/// <summary>
/// Decides which messages a crash must not lose: those that the offline store would keep were nobody there, while clients that acknowledge what they get have not done so. Whether an archive
/// has them too makes no difference, since not every client reads one.
/// </summary>
internal sealed class KeptDeliveries(KeptMessages kept, TimeProvider time)
{
    /// <summary>What is to hear of a message's delivery; null where it is not kept.</summary>
    /// <param name="message">The message, to an account.</param>
    /// <param name="receivers">Who is given it.</param>
    /// <param name="received">When the server had it first, where it waited since; null: now.</param>
    public KeptDelivery? For(Message message, ReadOnlySpan<Session> receivers, DateTimeOffset? received)
    {
        // One that was kept before is so until it is somewhere else.
        if (received is not null && receivers.Length > 0 && kept.Find(message) is { } former) return new KeptDelivery(former, message);
        if (!kept.IsOn) return null;
        var (isManaged, isNobodyThere) = (false, true);
        foreach (var receiver in receivers)
        {
            isManaged |= receiver.IsManaged;
            isNobodyThere &= receiver.Attention == ClientAttention.Away;
        }

        if (!isManaged || !StoragePolicy.IsKept(message)) return null;
        return new KeptDelivery(kept.Keep(receivers[0].Jid, message, received ?? time.GetUtcNow(), isNobodyThere), message);
    }

    /// <summary>An interceptor put another message in the place of one that goes elsewhere.</summary>
    public void Replaced(Message message, Message by, DateTimeOffset? received)
    {
        if (received is not null && kept.Find(message) is { } former) kept.Know(by, former);
    }
}
