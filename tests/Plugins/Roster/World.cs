using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Roster;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Roster;

/// <summary>Two or more accounts under the Roster plugin: a store in memory, and a router that knows just enough to bring presence to accounts and sessions.</summary>
internal sealed class World
{
    private readonly Dictionary<(Jid, Jid), RosterItem> _items = [];
    private readonly List<FakeSession> _sessions = [];
    private readonly HashSet<Jid> _removed = [];
    private readonly OutboundPresence _outbound;
    private readonly InboundPresence _inbound;

    public World(int maxItems = 100, int maxRequests = 100)
    {
        var router = new Router(this);
        var directory = Substitute.For<ISessionDirectory>();
        directory.Of(default!).ReturnsForAnyArgs(c => [.. _sessions.Where(s => s.Jid.Bare == c.Arg<Jid>())]);
        directory.FindById(default!).ReturnsForAnyArgs(c => _sessions.Find(s => s.Id == c.Arg<string>()));

        var accounts = Substitute.For<IAccountStore>();
        accounts.ExistsAsync(default!, default).ReturnsForAnyArgs(c => !_removed.Contains(c.Arg<Jid>()));
        var offers = Substitute.For<IContributions<IRosterOffers>>();
        var offer = Substitute.For<IRosterOffers>();
        offer.For(default!).ReturnsForAnyArgs(_ => Offers);
        offers.Items.Returns([offer]);
        var state = new RosterState(new Store(this), directory, offers, Options.Of(new RosterOptions { MaxItems = maxItems, MaxRequests = maxRequests }));
        var sender = new PresenceSender(router, directory);
        _outbound = new OutboundPresence(new PresenceBroadcast(state, sender, directory, accounts), new OutboundSubscriptions(state, sender));
        _inbound = new InboundPresence(new InboundSubscriptions(state, sender, directory), new Probes(state, sender), router);
        Get = new RosterGetHandler(state, directory);
        Set = new RosterSetHandler(state, sender);
    }

    public RosterGetHandler Get { get; }

    /// <summary>What every account is offered.</summary>
    public List<RosterOffer> Offers { get; } = [];

    public RosterSetHandler Set { get; }

    /// <summary>What went to other servers.</summary>
    public List<Stanza> Away { get; } = [];

    public List<RosterItem> Of(Jid account) => [.. _items.Where(i => i.Key.Item1 == account).Select(i => i.Value)];

    public RosterItem? Item(string account, string contact) => _items.GetValueOrDefault((account, contact));

    public void Give(string account, RosterItem item) => _items[(account, item.Contact)] = item;

    /// <summary>Removes an account and its roster, as the store does.</summary>
    public void RemoveAccount(string account)
    {
        _removed.Add(account);
        foreach (var item in Of(account)) _items.Remove((account, item.Contact));
    }

    /// <summary>Makes two accounts see each other's presence.</summary>
    public void Befriend(string one, string other)
    {
        Give(one, new RosterItem(other, "", [], true, true, false, null));
        Give(other, new RosterItem(one, "", [], true, true, false, null));
    }

    /// <summary>Binds a session, that asks for its roster and sends its initial presence if it is to.</summary>
    public async Task<FakeSession> BindAsync(string full, bool roster = true, bool presence = true)
    {
        var session = new FakeSession(full);
        _sessions.Add(session);
        if (roster) await AskAsync(session, "get", new Element("query", "jabber:iq:roster"));
        if (presence) await SendAsync(session, "<presence/>");
        return session;
    }

    public async Task<Iq> AskAsync(FakeSession session, string type, Element query, string? to = null)
    {
        var iq = new IqRequest(Iq.Request(type, "1", session.Jid, to is null ? null : Jid.Parse(to), query), session.Sender, session.Jid.Domain);
        return (await (type == "get" ? (IIqHandler)Get : Set).HandleAsync(iq, TestContext.Current.CancellationToken)).Iq!;
    }

    public Task<Iq> SetAsync(FakeSession session, Action<Element> item) => AskAsync(session, "set", new Element("query", "jabber:iq:roster").Add("item", item));

    /// <summary>Sends a presence as the server passes it on: stamped, its session's state noted.</summary>
    public async Task SendAsync(FakeSession session, string xml)
    {
        var type = System.Text.RegularExpressions.Regex.Match(xml, "type='(.*?)'").Groups[1].Value;
        var to = System.Text.RegularExpressions.Regex.Match(xml, "to='(.*?)'").Groups[1].Value;
        var isSubscription = type.Length > 0 && type != "unavailable";
        var element = new Element("presence", "jabber:client").Attr("from", (isSubscription ? session.Jid.Bare : session.Jid).ToString());
        if (type.Length > 0) element.Attr("type", type);
        if (to.Length > 0) element.Attr("to", to);
        if (xml.Contains("xmlns", StringComparison.Ordinal)) element.Add(PersonalNodes.Xml(xml).Children);
        var presence = new Presence(element);
        if (presence.To is null) session.Presence = presence;
        await _outbound.OnPresenceAsync(presence, new StanzaContext(StanzaPoint.FromLocalSession, session.Sender, session.Jid.Domain, session), TestContext.Current.CancellationToken);
    }

    /// <summary>Brings a presence of another server.</summary>
    public Task ReceiveAsync(string from, string to, string type, string? status = null) =>
        RouteAsync(new Presence(new Element("presence", "jabber:client").Attr("from", from).Attr("to", to).Attr("type", type).Add(status is null ? null : new Element("status", "jabber:client").Text(status)))).AsTask();

    private async ValueTask RouteAsync(Stanza stanza)
    {
        if (!stanza.To!.Domain.EndsWith(".test", StringComparison.Ordinal))
        {
            Away.Add(stanza);
            return;
        }

        var kind = stanza.From!.Domain.EndsWith(".test", StringComparison.Ordinal) ? SenderKind.Account : SenderKind.Remote;
        if (stanza.To.IsBare && stanza is Presence presence
            && await _inbound.OnPresenceAsync(presence, new StanzaContext(StanzaPoint.ToLocalAccount, new SenderInfo(kind), stanza.To.Domain), default) == Interception.Handled) return;
        foreach (var session in _sessions.Where(s => stanza.To.IsBare ? s.Jid.Bare == stanza.To && s.IsAvailable : s.Jid == stanza.To)) await session.SendAsync(stanza);
    }

    private sealed class Router(World world) : IStanzaRouter
    {
        public ValueTask RouteAsync(Stanza stanza, CancellationToken ct = default) => world.RouteAsync(stanza);
    }

    private sealed class Store(World world) : IRosterStore
    {
        public ValueTask<IReadOnlyList<RosterItem>> ReadAsync(Jid account, CancellationToken ct = default) => new(world.Of(account));

        public ValueTask<RosterItem?> FindAsync(Jid account, Jid contact, CancellationToken ct = default) => new(world._items.GetValueOrDefault((account, contact)));

        public ValueTask WriteAsync(Jid account, RosterItem item, CancellationToken ct = default)
        {
            world._items[(account, item.Contact)] = item;
            return ValueTask.CompletedTask;
        }

        public ValueTask<bool> RemoveAsync(Jid account, Jid contact, CancellationToken ct = default) => new(world._items.Remove((account, contact)));
    }
}
