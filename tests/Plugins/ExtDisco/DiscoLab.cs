using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.ExtDisco;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.ExtDisco;

/// <summary>The plugin with what it lists and who it tells in a test's hands.</summary>
internal sealed class DiscoLab : IDisposable
{
    private readonly ISessionDirectory _sessions = Substitute.For<ISessionDirectory>();
    private readonly IOptionsMonitor<ExtDiscoOptions> _monitor = Substitute.For<IOptionsMonitor<ExtDiscoOptions>>();
    private readonly List<Action<ExtDiscoOptions, string?>> _listeners = [];

    public DiscoLab(IReadOnlyList<ExternalService> services, IContributions<ITurnCredentialIssuer> issuers, ExtDiscoOptions? options = null)
    {
        (Services, Options) = (services, options ?? new ExtDiscoOptions());
        _monitor.CurrentValue.Returns(_ => Options);
        _monitor.OnChange(default!).ReturnsForAnyArgs(c =>
        {
            _listeners.Add(c.Arg<Action<ExtDiscoOptions, string?>>());
            return Substitute.For<IDisposable>();
        });
        var source = Substitute.For<IExternalServiceSource>();
        source.List(Arg.Any<ServiceRequester>()).Returns(_ => Services);
        var sources = Substitute.For<IContributions<IExternalServiceSource>>();
        sources.Items.Returns([source]);
        _sessions.FindById(default!).ReturnsForAnyArgs(c => Gone.Contains(c.Arg<string>()) ? null : new FakeSession("somebody@example.org/x"));
        var iqs = Substitute.For<IIqClient>();
        iqs.RequestAsync(default!, default!, default!, default!).ReturnsForAnyArgs(c =>
        {
            var iq = Iq.Request(c.ArgAt<string>(0), "push", c.ArgAt<Jid>(1), c.ArgAt<Jid>(2), c.ArgAt<Element>(3));
            lock (Pushed) Pushed.Add(iq);
            return Task.FromResult(Answer(iq));
        });
        var catalogue = new ServiceCatalogue(sources, issuers, _monitor, Clock);
        var access = new ServiceAccess(_monitor);
        Askers = new Askers(catalogue, _sessions);
        Handler = new ServicesHandler(catalogue, access, Askers);
        Credentials = new CredentialsHandler(catalogue, access);
        Pushes = new ServicePushes(Askers, catalogue, access, iqs, _monitor, Clock, NullLogger<ServicePushes>.Instance);
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    public IReadOnlyList<ExternalService> Services { get; set; }

    public ExtDiscoOptions Options { get; set; }

    public Askers Askers { get; }

    public ServicesHandler Handler { get; }

    public CredentialsHandler Credentials { get; }

    public ServicePushes Pushes { get; }

    public List<Iq> Pushed { get; } = [];

    /// <summary>Sessions that have ended.</summary>
    public HashSet<string> Gone { get; } = [];

    public Func<Iq, Iq> Answer { get; set; } = iq => iq.Result();

    public async Task<Iq> AskAsync(Element payload, SenderKind kind = SenderKind.Account, string from = "ann@example.org/x", string session = "s1")
    {
        IIqHandler handler = payload.Name == "services" ? Handler : Credentials;
        var reply = await handler.HandleAsync(new IqRequest(Iq.Request("get", "1", from, "example.org", payload), new SenderInfo(kind, session), "example.org"), CancellationToken.None);
        return reply.Iq!;
    }

    /// <summary>Looks for changes, and takes what was pushed.</summary>
    public async Task<IReadOnlyList<Iq>> LookAsync()
    {
        await Pushes.LookAsync(TestContext.Current.CancellationToken);
        lock (Pushed)
        {
            Iq[] all = [.. Pushed];
            Pushed.Clear();
            return all;
        }
    }

    /// <summary>Whether somebody waits for the configuration to be read again.</summary>
    public bool IsListening => _listeners.Count > 0;

    /// <summary>As when the configuration was read again.</summary>
    public void Reload(ExtDiscoOptions options)
    {
        Options = options;
        foreach (var listener in _listeners) listener(options, null);
    }

    public void Dispose() => Pushes.Dispose();
}
