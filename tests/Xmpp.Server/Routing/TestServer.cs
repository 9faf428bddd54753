using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>A server of two domains with its real router and sessions; stores are substituted, streams are fakes.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly List<IqRegistration> _iqs = [];
    private readonly List<InterceptorRegistration<IMessageInterceptor>> _messages = [];
    private readonly List<InterceptorRegistration<IPresenceInterceptor>> _presences = [];
    private readonly List<InterceptorRegistration<IIqInterceptor>> _iqInterceptors = [];
    private readonly List<ComponentRegistration> _components = [];
    private readonly List<FeatureRegistration> _features = [];
    private readonly List<FormRegistration> _forms = [];
    private readonly List<IdentityRegistration> _identities = [];

    public TestServer(StreamLimits? limits = null, IReadOnlyList<ComponentOptions>? components = null, SessionsOptions? sessions = null)
    {
        var settings = new XmppServerSettings(new ServerOptions { Domain = "one.test", Domains = ["two.test"], BindAddress = "127.0.0.1" }, new(), new(), new()) { Limits = limits ?? new(), Components = components ?? [], Sessions = sessions ?? new() };
        Accounts.ExistsAsync(Arg.Any<Jid>(), Arg.Any<CancellationToken>()).Returns(c => c.Arg<Jid>().Local is "ann" or "ben" or "cyd");
        _services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(Time).AddXmppServer(settings)
            .AddSingleton(Accounts).AddSingleton(Rosters).AddSingleton<IUnacknowledgedStore>(Unacknowledged).AddSingleton<IContributions<IAccountDiscovery>>(new Contributed<IAccountDiscovery>(AccountDiscovery))
            .AddSingleton<IContributions<IPresenceAmendment>>(new Contributed<IPresenceAmendment>(new Amendment(this)))
            .RemoveAll<IOpenStreams>() // these streams are not those of Streams/
            .BuildServiceProvider();
    }

    public FakeTimeProvider Time { get; } = new();

    public IAccountStore Accounts { get; } = Substitute.For<IAccountStore>();

    public IRosterStore Rosters { get; } = Substitute.For<IRosterStore>();

    /// <summary>The queue on the disk.</summary>
    public FakeUnacknowledgedStore Unacknowledged { get; } = new();

    public IStanzaRouter Router => Get<IStanzaRouter>();

    public ISessionDirectory Sessions => Get<ISessionDirectory>();

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    public static RegistrationOwner Owner(params string[] hosts) => new("Test", [.. hosts]);

    public void Handle(string type, string ns, string element, Func<IqRequest, IqReply> answer, IqTarget target = IqTarget.Server, string? component = null, params string[] hosts) =>
        Handle(type, ns, element, (iq, _) => new ValueTask<IqReply>(answer(iq)), target, component, hosts);

    public void Handle(string type, string ns, string element, Func<IqRequest, CancellationToken, ValueTask<IqReply>> answer, IqTarget target = IqTarget.Server, string? component = null, params string[] hosts)
    {
        _iqs.Add(new IqRegistration(Owner(hosts), new IqKey(type, ns, element, target, component), new Handler(answer)));
        Publish();
    }

    public void OnMessage(StanzaPoint point, Func<Message, StanzaContext, Interception> see, int order = 0) => OnMessage(point, new MessageInterceptor(see), order);

    public void OnMessage(StanzaPoint point, IMessageInterceptor interceptor, int order = 0)
    {
        _messages.Add(new(Owner(), point, order, interceptor));
        Publish();
    }

    public void OnPresence(StanzaPoint point, Func<Presence, StanzaContext, Interception> see)
    {
        _presences.Add(new(Owner(), point, 0, new PresenceInterceptor(see)));
        Publish();
    }

    public void OnIq(StanzaPoint point, Func<Iq, StanzaContext, Interception> see)
    {
        _iqInterceptors.Add(new(Owner(), point, 0, new IqInterceptor(see)));
        Publish();
    }

    /// <summary>Adds the component calls.one.test and returns what it receives.</summary>
    public FakeComponent AddComponent(string parent = "one.test", string name = "calls")
    {
        var component = new FakeComponent();
        _components.Add(new ComponentRegistration(Owner(), name, $"{name}.{parent}", parent, component));
        Publish();
        return component;
    }

    public void AddFeature(string feature, IqTarget target = IqTarget.Server)
    {
        _features.Add(new FeatureRegistration(Owner(), feature, target));
        Publish();
    }

    public void AddForms(IDomainForms source, params string[] hosts)
    {
        _forms.Add(new FormRegistration(Owner(hosts), source));
        Publish();
    }

    public void AddIdentity(DiscoIdentity identity, IqTarget target)
    {
        _identities.Add(new IdentityRegistration(Owner(), identity, target));
        Publish();
    }

    /// <summary>What plugins make of presence; as it is, unless a test says otherwise.</summary>
    public Func<Presence, Presence> Amend { get; set; } = p => p;

    /// <summary>What plugins say of accounts in service discovery.</summary>
    public IAccountDiscovery AccountDiscovery { get; } = Substitute.For<IAccountDiscovery>();

    /// <summary>Takes all components away, as an unload does.</summary>
    public void RemoveComponents()
    {
        _components.Clear();
        Publish();
    }

    /// <summary>Binds a client; a presence other than null is sent at once.</summary>
    public async Task<Client> BindAsync(string full, string? presence = "<presence/>")
    {
        var jid = Jid.Parse(full);
        var stream = new FakeStream();
        var kind = jid.Domain.StartsWith("guest.", StringComparison.Ordinal) ? SenderKind.Guest : SenderKind.Account;
        var (session, refusal) = await Get<ISessionBinder>().BindAsync(stream, jid.Bare, kind, jid.Resource, TestContext.Current.CancellationToken);
        Assert.True(session is not null, refusal.ToString());
        var client = new Client(session, stream);
        if (presence is not null) Assert.Null(await client.SendAsync(presence));
        return client;
    }

    private void Publish() => Get<RoutingTableHolder>().Publish(new RoutingTable(
        _iqs.GroupBy(i => i.Key).ToFrozenDictionary(g => g.Key, g => g.ToImmutableArray()), [.. _messages.OrderBy(m => m.Order)], [.. _presences],
        _components.ToFrozenDictionary(c => c.Domain), [.. _features])
    {
        IqInterceptors = [.. _iqInterceptors],
        Forms = [.. _forms],
        Identities = [.. _identities],
    });

    private sealed class Amendment(TestServer server) : IPresenceAmendment
    {
        public ValueTask<Presence> AmendAsync(Presence presence, ISession session, CancellationToken ct) => new(server.Amend(presence));
    }

    private sealed class Contributed<T>(T item) : IContributions<T> where T : class
    {
        public IReadOnlyList<T> Items { get; } = [item];
    }

    private sealed class Handler(Func<IqRequest, CancellationToken, ValueTask<IqReply>> answer) : IIqHandler
    {
        public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) => answer(iq, ct);
    }

    private sealed class MessageInterceptor(Func<Message, StanzaContext, Interception> see) : IMessageInterceptor
    {
        public ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct) => new(see(message, context));
    }

    private sealed class IqInterceptor(Func<Iq, StanzaContext, Interception> see) : IIqInterceptor
    {
        public ValueTask<Interception> OnIqAsync(Iq iq, StanzaContext context, CancellationToken ct) => new(see(iq, context));
    }

    private sealed class PresenceInterceptor(Func<Presence, StanzaContext, Interception> see) : IPresenceInterceptor
    {
        public ValueTask<Interception> OnPresenceAsync(Presence presence, StanzaContext context, CancellationToken ct) => new(see(presence, context));
    }
}
