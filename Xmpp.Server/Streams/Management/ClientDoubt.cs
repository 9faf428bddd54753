using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Streams.Management;

/// <summary>
/// Whether a managed client owes an answer for so long that nobody should count on it, and how much of what was sent to it has been told of to whoever wakes clients. What comes while nobody counts on
/// the client is told of by who sends it. Its owner locks; <see cref="IsThere"/> alone is for anybody.
/// </summary>
internal sealed class ClientDoubt
{
    private uint _told; // so much of the log has been told of, or needs not be
    private volatile bool _isThere;

    /// <summary>Whether nobody counts on the client.</summary>
    public bool IsThere => _isThere;

    /// <summary>Nobody counts on the client any more.</summary>
    /// <param name="log">What it has not acknowledged.</param>
    /// <param name="isInactive">Whether nobody looks at it anyway (XEP-0352).</param>
    /// <returns>What it may not have and nobody was told of.</returns>
    public IReadOnlyList<Stanza> Begin(StanzaLog? log, bool isInactive)
    {
        var unheard = TakeUnheard(log, isInactive);
        _isThere = true;
        return unheard;
    }

    /// <summary>The client has no connection any more, of which there is no doubt.</summary>
    /// <inheritdoc cref="Begin"/>
    public IReadOnlyList<Stanza> Leave(StanzaLog? log, bool isInactive)
    {
        var unheard = TakeUnheard(log, isInactive);
        _isThere = false;
        return unheard;
    }

    /// <summary>The client has said something.</summary>
    /// <param name="log">What it has not acknowledged.</param>
    public void End(StanzaLog? log)
    {
        if (!_isThere) return;
        _isThere = false;
        NeedsNoTelling(log);
    }

    /// <summary>What was sent until now was told of when it came, or the client has it now.</summary>
    /// <param name="log">What it has not acknowledged.</param>
    public void NeedsNoTelling(StanzaLog? log) => _told = log?.Sent ?? 0;

    private IReadOnlyList<Stanza> TakeUnheard(StanzaLog? log, bool isInactive)
    {
        if (log is null) return [];
        IReadOnlyList<Stanza> unheard = _isThere || isInactive ? [] : log.After(_told);
        NeedsNoTelling(log);
        return unheard;
    }
}
