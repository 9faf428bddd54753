using System.Globalization;
using System.Runtime.CompilerServices;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Blocking;

/// <summary>Tells an account's clients of changes, those that have asked for the list (XEP-0191 sections 3.3 to 3.5).</summary>
internal sealed class BlockPushes(ISessionDirectory sessions)
{
    private readonly ConditionalWeakTable<ISession, object> _interested = [];
    private long _pushes;

    /// <summary>A client asked for the list.</summary>
    public void Add(string? sessionId)
    {
        if (sessionId is not null && sessions.FindById(sessionId) is { } session) _interested.AddOrUpdate(session, this);
    }

    /// <summary>Tells that items were blocked or unblocked; none means all.</summary>
    /// <param name="account">Whose list.</param>
    /// <param name="change"><c>block</c> or <c>unblock</c>.</param>
    /// <param name="items">The addresses.</param>
    /// <param name="ct">Stops waiting for clients that do not read.</param>
    public async ValueTask TellAsync(Jid account, string change, IEnumerable<Jid> items, CancellationToken ct)
    {
        var payload = Items(change, items).Freeze();
        // Side by side: none waits for another that does not read.
        await Task.WhenAll(sessions.Of(account).Where(s => _interested.TryGetValue(s, out _)).Select(s =>
            s.SendAsync(Iq.Request("set", "block" + Interlocked.Increment(ref _pushes).ToString(CultureInfo.InvariantCulture), null, s.Jid, payload), ct).AsTask()));
    }

    /// <summary>An element with an item for each address.</summary>
    public static Element Items(string name, IEnumerable<Jid> items) =>
        new Element(name, BlockingPlugin.Namespace).Add(items.Select(i => new Element("item", BlockingPlugin.Namespace).Attr("jid", i.ToString())));
}
