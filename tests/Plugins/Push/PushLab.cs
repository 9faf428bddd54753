using System.Data.Common;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Push;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Plugins.Push;

/// <summary>The plugin on the real database, with an app server that is asked as any other.</summary>
internal sealed class PushLab : IAsyncDisposable, IIqClient
{
    private readonly TestTables _tables = new("Push", RegistrationStore.Steps);
    private readonly List<FakeSession> _sessions = [];
    private readonly List<Iq> _published = [];
    private readonly GatedReads _gate;
    private readonly EnableHandler _enable;
    private readonly DisableHandler _disable;
    private readonly PushedMessages _messages;
    private readonly UnheardMessages _unheard;

    public PushLab(PushOptions? options = null, int? maxRemembered = null)
    {
        var settings = Options.Of(options ?? new PushOptions());
        var directory = Substitute.For<ISessionDirectory>();
        directory.Of(default!).ReturnsForAnyArgs(c => [.. _sessions.Where(s => s.Jid.Bare == c.Arg<Jid>())]);
        directory.FindById(default!).ReturnsForAnyArgs(c => _sessions.FirstOrDefault(s => s.Id == c.Arg<string>()));
        Registrations = new Registrations(new RegistrationStore(_gate = new GatedReads(_tables.Database)), directory);
        Queues = new PushQueues(new PushSender(this), Registrations, settings, Time, NullLogger<PushQueues>.Instance) { MaxRemembered = maxRemembered ?? 50_000 };
        _enable = new EnableHandler(Registrations, Queues, settings, Time);
        _disable = new DisableHandler(Registrations, Queues);
        _messages = new PushedMessages(Registrations, Queues, directory);
        _unheard = new UnheardMessages(Registrations, Queues, directory, NullLogger<UnheardMessages>.Instance);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 5, 6, 7, 8, 9, TimeSpan.Zero));

    public Registrations Registrations { get; }

    public PushQueues Queues { get; }

    /// <summary>What the app server answers with; null: a result.</summary>
    public StanzaCondition? Refusal { get; set; }

    /// <summary>Lets the next read of the database end only when the result is set, with what it has read before.</summary>
    public TaskCompletionSource HoldRead() => _gate.Next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the first read that is held has read.</summary>
    public Task HeldAsync() => _gate.Held.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public int Published
    {
        get
        {
            lock (_published) return _published.Count;
        }
    }

    public async Task<PushLab> StartAsync()
    {
        await _tables.WithAsync("ann@one.test");
        return this;
    }

    public FakeSession Bind(string full, string? show = null, int priority = 0, ClientAttention attention = ClientAttention.Active)
    {
        var session = new FakeSession(full) { Attention = attention, Presence = new Presence(Parse($"<presence xmlns='jabber:client' from='{full}'>{(show is null ? "" : $"<show>{show}</show>")}<priority>{priority}</priority></presence>")) };
        _sessions.Add(session);
        return session;
    }

    public async Task<Iq> AskAsync(FakeSession session, string payload, string? to = null)
    {
        var element = Parse(payload);
        IIqHandler handler = element.Name == "enable" ? _enable : _disable;
        return (await handler.HandleAsync(new IqRequest(Iq.Request("set", "1", session.Jid, to is null ? null : Jid.Parse(to), element), session.Sender, "one.test"), Ct)).Iq!;
    }

    public async Task EnableAsync(FakeSession session, string node = "n1", string service = "push.test", string form = "") =>
        Assert.Equal("result", (await AskAsync(session, $"<enable xmlns='urn:xmpp:push:0' jid='{service}' node='{node}'>{form}</enable>")).Type);

    public async Task<IReadOnlyList<string>> NodesAsync() => [.. (await Registrations.OfAsync("ann@one.test", Ct)).Select(r => r.Node)];

    /// <summary>A client falls silent, with these messages of the account unheard.</summary>
    public void FallSilent(FakeSession client, params string[] messages)
    {
        client.Attention = ClientAttention.Away;
        _unheard.FellSilent(client, [.. messages.Select(m => new Message(Parse(m)))]);
    }

    /// <summary>Somebody writes to the account, or to one client of it.</summary>
    public async Task ReceiveAsync(string content = "<body>hi</body>", FakeSession? client = null, string type = "chat", string from = "ben@far.test/b", string? id = null, bool isLate = false)
    {
        var message = new Message(Parse($"<message xmlns='jabber:client' from='{from}' to='{client?.Jid ?? "ann@one.test"}' type='{type}' id='{id}'>{content}</message>"));
        var context = new StanzaContext(client is null ? StanzaPoint.ToLocalAccount : StanzaPoint.ToSession, new SenderInfo(SenderKind.Remote), "one.test", client) { Received = isLate ? Time.GetUtcNow() : null };
        Assert.Equal(Interception.Continue, await _messages.OnMessageAsync(message, context, Ct));
    }

    /// <summary>The notifications that come, as many as that; and that no more come.</summary>
    public async Task<IReadOnlyList<Iq>> TakeAsync(int count)
    {
        for (var i = 0; i < 200 && Published < count; i++) await Task.Delay(10, Ct);
        await Task.Delay(50, Ct);
        lock (_published)
        {
            Iq[] all = [.. _published];
            _published.Clear();
            Assert.Equal(count, all.Length);
            return all;
        }
    }

    /// <summary>What a notification says of the messages.</summary>
    public static string? Field(Iq iq, string name) => iq.Payload!.Child("publish")!.Child("item")!.Child("notification", "urn:xmpp:push:0")!.Child("x", "jabber:x:data")!
        .Children.FirstOrDefault(f => f["var"] == name)?.Child("value")?.Value;

    public Task<Iq> RequestAsync(string type, Jid from, Jid to, Element payload, TimeSpan? timeout = null, CancellationToken ct = default)
    {
        var iq = Iq.Request(type, "p", from, to, payload);
        lock (_published) _published.Add(iq);
        return Task.FromResult(Refusal is { } refusal ? (Iq)iq.ErrorReply(new StanzaError(refusal)) : iq.Result());
    }

    public async Task RemoveAccountAsync()
    {
        await _tables.Get<IAccountAdministration>().RemoveAsync("ann@one.test", Ct);
        new RegistrationsOfRemoved(Registrations, Queues).Removed("ann@one.test");
    }

    public ValueTask DisposeAsync() => _tables.DisposeAsync();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Element Parse(string xml) => XmlStreamParser.ForFrames(new XmlStreamLimits()).Advance(Encoding.UTF8.GetBytes(xml), out _).Element!;

    private sealed class GatedReads(IPluginDatabase inner) : IPluginDatabase
    {
        public TaskCompletionSource? Next { get; set; }

        public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken ct)
        {
            var gate = Next;
            Next = null;
            var result = await inner.ReadAsync(read, ct);
            if (gate is null) return result;
            Held.TrySetResult();
            await gate.Task;
            return result;
        }

        public ValueTask<T> WriteAsync<T>(Func<DbConnection, T> write, CancellationToken ct) => inner.WriteAsync(write, ct);
    }
}
