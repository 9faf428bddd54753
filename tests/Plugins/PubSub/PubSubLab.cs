using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub;
using Parley.Plugins.PubSub.Caps;
using Parley.Plugins.PubSub.Component;
using Parley.Plugins.PubSub.Delivery;
using Parley.Plugins.PubSub.Operations;
using Parley.Plugins.PubSub.Requests;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.PubSub;

/// <summary>The plugin on a database of its own, with a roster, sessions and a router that are fakes.</summary>
internal sealed class PubSubLab : IRosterStore, ISessionDirectory, IStanzaRouter, IIqClient, IAsyncDisposable
{
    private readonly TestTables _tables = new("PubSub", Schema.Steps);
    private readonly List<(Jid Account, RosterItem Item)> _roster = [];
    private readonly List<Stanza> _routed = [];
    private readonly SerialWork _work = new(NullLogger<SerialWork>.Instance);

    public PubSubLab()
    {
        var observers = Substitute.For<IContributions<IPersonalEventObserver>>();
        observers.Items.Returns([]);
        Interests = new Interests(this, Cache);
        Remotes = new RemoteResources(Interests, capacity: 3);
        var notifier = new Notifier(this, new Recipients(this, this, Interests, Remotes), _work, observers, NullLogger<Notifier>.Instance);
        Engine = new PubSubEngine(_tables.Database, this, Plugins.Options.Of(Limits), Time, notifier);
        var server = Substitute.For<IServerInfo>();
        server.IsLocal(default!).ReturnsForAnyArgs(c => c.Arg<Jid>().Domain == "one.test");
        var last = new LastItems(Engine, this, server, notifier, _work);
        Local = new LocalPresence(Interests, last, Engine, this, NullLogger<LocalPresence>.Instance);
        Arriving = new ArrivingPresence(Remotes, Interests, last, this, this, NullLogger<ArrivingPresence>.Instance);
        Requests = new PubSubRequests(Engine, _work);
    }

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public PubSubOptions Limits { get; } = new() { MaxNodes = 4, MaxItems = 10, MaxItemBytes = 2048, MaxBytes = 8192, MaxPeople = 3, NodesPerAccount = 2, ServiceNodes = 5, ServiceBytes = 12_000, Admins = { "root@one.test" } };

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public CapsCache Cache { get; } = new(capacity: 3);

    public Interests Interests { get; }

    public RemoteResources Remotes { get; }

    public PubSubEngine Engine { get; }

    public LocalPresence Local { get; }

    public ArrivingPresence Arriving { get; }

    public PubSubRequests Requests { get; }

    public List<FakeSession> Sessions { get; } = [];

    /// <summary>What resources answer to disco#info; who is not in it does not answer.</summary>
    public Dictionary<string, Element> Disco { get; } = [];

    /// <summary>Who was asked.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>An account is removed.</summary>
    public ValueTask<bool> RemoveAsync(Jid account) => _tables.Get<Parley.Xmpp.Server.Storage.IAccountAdministration>().RemoveAsync(account, Ct);

    public static async Task<PubSubLab> CreateAsync()
    {
        var lab = new PubSubLab();
        await lab._tables.WithAsync("ann@one.test", "ben@one.test", "cyd@one.test");
        return lab;
    }

    /// <summary>Puts a contact into a roster, subscribed both ways.</summary>
    public void Befriend(string account, string contact, params string[] groups) => _roster.Add((account, new RosterItem(contact, null, groups, true, true, false, null)));

    /// <summary>Asks a service, and gives the answer as it is on the wire without its addresses.</summary>
    public async Task<Iq> AskAsync(string from, string type, string payload, string to = "ann@one.test")
    {
        var kind = from.Contains("guest.one.test", StringComparison.Ordinal) ? SenderKind.Guest : from.Contains("one.test", StringComparison.Ordinal) ? SenderKind.Account : SenderKind.Remote;
        var iq = new IqRequest(Iq.Request(type, "1", from, to, PersonalNodes.Xml(payload)), new SenderInfo(kind), "one.test");
        if (to.Contains('@', StringComparison.Ordinal)) return (await Requests.RunAsync(iq, new Service(to, true), Ct)).Iq!;
        var discovery = new NodeDiscovery(Engine);
        IIqHandler handler = iq.Payload.Namespace switch
        {
            Parley.Xmpp.Core.Ns.DiscoInfo => new ServiceInfo(new ServiceComponent(new Authorizations(Engine), this), discovery),
            Parley.Xmpp.Core.Ns.DiscoItems => new ServiceItems(discovery, Engine),
            _ => new ServiceHandler(Requests),
        };
        return (await handler.HandleAsync(iq, Ct)).Iq!;
    }

    /// <summary>Publishes as ann, and expects it to be done.</summary>
    public async Task PublishAsync(string node, string id, string text = "")
    {
        var answer = await AskAsync("ann@one.test/a", "set", $"<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{node}'><item id='{id}'><x xmlns='urn:x'>{text}</x></item></publish></pubsub>");
        Assert.True(answer.Type == "result", answer.Element.ToString());
    }

    /// <summary>Makes a node of ann's with a configuration.</summary>
    public async Task CreateAsync(string node, params (string Field, string Value)[] fields)
    {
        var form = string.Concat(fields.Select(f => $"<field var='pubsub#{f.Field}'><value>{f.Value}</value></field>"));
        var answer = await AskAsync("ann@one.test/a", "set", $"<pubsub xmlns='http://jabber.org/protocol/pubsub'><create node='{node}'/><configure><x xmlns='jabber:x:data' type='submit'>{form}</x></configure></pubsub>");
        Assert.True(answer.Type == "result", answer.Element.ToString());
    }

    /// <summary>The names of the items that somebody is shown; none, with the condition, if they are refused.</summary>
    public async Task<(IReadOnlyList<string> Items, string? Refusal)> ReadAsync(string from, string node, string rest = "", string attributes = "", string to = "ann@one.test")
    {
        var answer = await AskAsync(from, "get", $"<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='{node}' {attributes}/>{rest}</pubsub>", to);
        if (answer.IsError) return ([], Detail(answer));
        return ([.. answer.Payload!.Child("items")!.Children.Select(i => i["id"]!)], null);
    }

    /// <summary>The most that an error says: XEP-0060's own condition, else the stanza's.</summary>
    public static string Detail(Iq answer) => StanzaError.Of(answer).Application?.Name ?? StanzaError.Of(answer).Condition.ToString();

    /// <summary>Sends a message to the service for everybody.</summary>
    public ValueTask TellServiceAsync(string from, string inner) => new ServiceComponent(new Authorizations(Engine), this).OnStanzaAsync(
        new Message(PersonalNodes.Xml($"<message xmlns='jabber:client' from='{from}' to='pubsub.one.test'>{inner}</message>")), new StanzaContext(StanzaPoint.FromLocalSession, new SenderInfo(SenderKind.Account), "one.test"), Ct);

    /// <summary>Waits until everybody was told, and takes the messages, each as "to: what".</summary>
    public async Task<IReadOnlyList<string>> TakeToldAsync(string service = "ann@one.test")
    {
        await _work.FinishedAsync(service);
        lock (_routed)
        {
            string[] told = [.. _routed.Select(m => $"{m.To}: {m.Element.Children.First().Children.First() switch
            {
                { Name: "items" } items => string.Join(' ', items.Children.Select(i => (i.Name == "retract" ? "-" : "") + i["id"])),
                { Name: "subscription" } s => $"{s["jid"]} {s["subscription"]}",
                var other => other.Name,
            }}")];
            _routed.Clear();
            return told;
        }
    }

    /// <summary>Waits until something has been told.</summary>
    public async Task<IReadOnlyList<string>> AwaitToldAsync(int count = 1)
    {
        for (var i = 0; i < 200; i++)
        {
            lock (_routed)
            {
                if (_routed.Count >= count) break;
            }

            await Task.Delay(20, Ct);
        }

        return await TakeToldAsync();
    }

    /// <summary>A session comes online, saying what it can.</summary>
    public async Task<FakeSession> ComeAsync(string full, string caps)
    {
        var session = Sessions.FirstOrDefault(s => s.Jid == full) ?? new FakeSession(full);
        if (!Sessions.Contains(session)) Sessions.Add(session);
        session.Presence = new Presence(PersonalNodes.Xml($"<presence xmlns='jabber:client' from='{full}'>{caps}</presence>"));
        await Local.OnPresenceAsync(session.Presence, new StanzaContext(StanzaPoint.FromLocalSession, session.Sender, "one.test", session), Ct);
        return session;
    }

    /// <summary>A presence from another server arrives at ann.</summary>
    public ValueTask<Interception> ArriveAsync(string from, string inner, string? type = null) => Arriving.OnPresenceAsync(
        new Presence(PersonalNodes.Xml($"<presence xmlns='jabber:client' from='{from}' to='ann@one.test'{(type is null ? "" : $" type='{type}'")}>{inner}</presence>")),
        new StanzaContext(StanzaPoint.ToLocalAccount, new SenderInfo(SenderKind.Remote), "one.test"), Ct);

    public ValueTask<IReadOnlyList<RosterItem>> ReadAsync(Jid account, CancellationToken ct = default) => new([.. _roster.Where(r => r.Account == account).Select(r => r.Item)]);

    public ValueTask<RosterItem?> FindAsync(Jid account, Jid contact, CancellationToken ct = default) => new(_roster.FirstOrDefault(r => r.Account == account && r.Item.Contact == contact).Item);

    public ValueTask WriteAsync(Jid account, RosterItem item, CancellationToken ct = default) => throw new NotSupportedException();

    public ValueTask<bool> RemoveAsync(Jid account, Jid contact, CancellationToken ct = default) => throw new NotSupportedException();

    public IReadOnlyList<ISession> Of(Jid bare) => [.. Sessions.Where(s => s.Jid.Bare == bare)];

    public ISession? Find(Jid full) => Sessions.FirstOrDefault(s => s.Jid == full);

    public ISession? FindById(string sessionId) => Sessions.FirstOrDefault(s => s.Id == sessionId);

    public ValueTask RouteAsync(Stanza stanza, CancellationToken ct = default)
    {
        lock (_routed) _routed.Add(stanza);
        return ValueTask.CompletedTask;
    }

    public Task<Iq> RequestAsync(string type, Jid from, Jid to, Element payload, TimeSpan? timeout = null, CancellationToken ct = default)
    {
        lock (Asked) Asked.Add(to.ToString());
        var request = Iq.Request(type, "x", from, to, payload);
        return Task.FromResult(Disco.TryGetValue(to.ToString(), out var query) ? request.Result(query) : (Iq)request.ErrorReply(new StanzaError(StanzaCondition.RemoteServerTimeout)));
    }

    public async ValueTask DisposeAsync()
    {
        Local.Dispose();
        Arriving.Dispose();
        await _work.DisposeAsync();
        Interests.Dispose();
        await _tables.DisposeAsync();
    }
}
