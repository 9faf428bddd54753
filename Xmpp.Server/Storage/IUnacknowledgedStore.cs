using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Storage;

/// <summary>A message that a client was given and has not acknowledged.</summary>
/// <param name="Id">Its number; later ones are higher.</param>
/// <param name="Account">Whose client.</param>
/// <param name="Message">The message, with both addresses.</param>
/// <param name="Received">When the server had it first.</param>
internal sealed record UnacknowledgedMessage(long Id, Jid Account, Message Message, DateTimeOffset Received);

/// <summary>Messages that clients have not acknowledged, for a server that starts after it crashed.</summary>
internal interface IUnacknowledgedStore
{
    /// <summary>The highest number that is there; 0 if there is none.</summary>
    ValueTask<long> FindLastAsync(CancellationToken ct);

    /// <summary>Reads on behind a number, in order.</summary>
    ValueTask<IReadOnlyList<UnacknowledgedMessage>> ReadAsync(long after, int limit, CancellationToken ct);

    /// <summary>Adds and removes in one commit; durable when this completes. What is there already is not added again, nor what is for an account that is gone.</summary>
    ValueTask ChangeAsync(IReadOnlyList<UnacknowledgedMessage> added, IReadOnlyList<long> removed, CancellationToken ct);
}
