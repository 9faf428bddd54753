using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugin.Abstractions;

/// <summary>Hears of clients that do not answer. Contributed by whoever can reach their people otherwise (XEP-0357).</summary>
public interface ISilenceObserver
{
    /// <summary>
    /// A client that acknowledges what it gets (XEP-0198) has not done so for some seconds, or its connection broke before it did: it may never have these. What comes for it from now on finds
    /// <see cref="ISession.Attention"/> away, until it speaks. Called once for each stanza, on a thread of the server's: does not block.
    /// </summary>
    /// <param name="session">The client's session, which may be about to end.</param>
    /// <param name="unheard">What it was sent while it seemed to be there, oldest first; never empty.</param>
    void FellSilent(ISession session, IReadOnlyList<Stanza> unheard);
}
