using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.tests.Xmpp.Server.Protection;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Security;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;
using Parley.Xmpp.Server.Streams;
using Parley.Xmpp.Server.Streams.Bosh;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>Kestrel with the stream side alone: accounts and sessions are made up here. Ports: STARTTLS, direct TLS, HTTP, HTTPS.</summary>
internal sealed class StreamServer : ICredentialStore, ISessionBinder, IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _directory = Directory.CreateTempSubdirectory("parley-streams-").FullName;

    private StreamServer(Action<StreamServerOptions>? configure)
    {
        var options = new StreamServerOptions();
        configure?.Invoke(options);
        var served = new ServerOptions { Domain = "one.test", Domains = ["two.test"], BindAddress = "127.0.0.1", DataDirectory = _directory, Certificates = options.Certificates };
        var settings = new XmppServerSettings(served, new(), new AuthOptions { ChannelBinding = options.ChannelBinding }, new()) { Limits = options.Limits, Sessions = new SessionsOptions { ResumptionTime = options.ResumptionTime }, ClientState = options.ClientState };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(Log.Provider());
        builder.Services.AddSingleton(options.Time);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<CertificateStore>();
        builder.Services.AddSingleton<RoutingTableHolder>();
        builder.Services.AddSingleton<ICredentialStore>(this);
        builder.Services.AddSingleton<ISessionBinder>(this);
        builder.Services.AddXmppStreams();
        if (options.Bosh is { } bosh) builder.Services.AddSingleton(s => new BoshSessions(s.GetRequiredService<StreamContext>()) { Limits = bosh });
        if (options.Tokens)
        {
            builder.Services.AddSingleton<Database>();
            builder.Services.AddSingleton<ITokenStore, TokenStore>();
            builder.Services.AddSingleton<IAccountAdministration, AccountAdministration>();
        }

        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, l => l.UseXmpp());
            kestrel.Listen(IPAddress.Loopback, 0, l => l.UseXmppTls());
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, l => l.UseXmppCertificate(System.Net.Security.SslApplicationProtocol.Http11));
        });
        _app = builder.Build();
        _app.UseWebSockets();
        _app.MapXmppWebSocket();
        _app.MapXmppBosh();
    }

    /// <summary>What the operator is told.</summary>
    public WarningLog<StreamServer> Log { get; } = new();

    /// <summary>How often keys were looked up.</summary>
    public int Lookups;

    /// <summary>What was bound, in order.</summary>
    public ConcurrentQueue<BoundClient> Bound { get; } = new();

    /// <summary>What a stream does when it binds.</summary>
    public Func<BoundClient, StanzaCondition?> OnBind { get; set; } = _ => null;

    /// <summary>What sessions answer to a stanza.</summary>
    public Func<BoundClient, Element, string?> OnStanza { get; set; } = (_, _) => null;

    public IOpenStreams Open => _app.Services.GetRequiredService<IOpenStreams>();

    public CertificateStore Certificates => _app.Services.GetRequiredService<CertificateStore>();

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public int Port => PortAt(0);

    public int TlsPort => PortAt(1);

    public int HttpPort => PortAt(2);

    public int HttpsPort => PortAt(3);

    public static async Task<StreamServer> StartAsync(Action<StreamServerOptions>? configure = null)
    {
        var server = new StreamServer(configure);
        await server._app.StartAsync();
        // Tokens belong to accounts of the database.
        if (server._app.Services.GetService<IAccountAdministration>() is { } accounts) await accounts.AddAsync("ann@one.test", "secret");
        return server;
    }

    public async Task<BoundClient> BoundAsync(int index = 0)
    {
        await Until(() => Bound.Count > index);
        return Bound.ElementAt(index);
    }

    /// <summary>Waits for what must come about soon.</summary>
    public static async Task Until(Func<bool> condition)
    {
        for (var i = 0; i < 500 && !condition(); i++) await Task.Delay(20);
        Assert.True(condition(), "It did not come about within 10 s.");
    }

    public async ValueTask DisposeAsync()
    {
        Open.CloseAll("system-shutdown");
        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>The password of Ann, who is everywhere; null: she is nowhere.</summary>
    public string? Password { get; set; } = "secret";

    /// <summary>The last change of her account.</summary>
    public long Change { get; set; }

    /// <summary>Ann is everywhere, her password is <c>secret</c>.</summary>
    ValueTask<ScramKeys?> ICredentialStore.FindAsync(Jid account, string? hash, CancellationToken ct)
    {
        Interlocked.Increment(ref Lookups);
        if (account.Local != "ann" || Password is not { } password) return new((ScramKeys?)null);
        byte[] salt = [1, 2, 3, 4, 5, 6, 7, 8];
        var (stored, server) = ScramKeyDerivation.Derive(hash ?? "SHA-256", password, salt, 4096);
        return new(new ScramKeys(salt, 4096, stored, server) { Change = Change });
    }

    IReadOnlyList<ScramHash> ICredentialStore.HashesOf(string domain) => Hashes;

    /// <summary>What SCRAM is offered by.</summary>
    public IReadOnlyList<ScramHash> Hashes { get; set; } = ScramHash.All;

    /// <summary>Who showed a password that keys could be made of; null: it fails.</summary>
    public List<(Jid Account, string Password)>? Completed { get; set; } = [];

    ValueTask<int> ICredentialStore.CompleteAsync(Jid account, string password, ScramKeys proven, CancellationToken ct)
    {
        if (Completed is not { } completed) throw new Microsoft.Data.Sqlite.SqliteException("disk full", 13);
        completed.Add((account, password));
        return new(1);
    }

    ValueTask<(IBoundSession? Session, StanzaCondition Refusal)> ISessionBinder.BindAsync(IClientStream stream, Jid bare, SenderKind kind, string? resource, CancellationToken ct)
    {
        var client = new BoundClient(stream, bare.WithResource(resource ?? "made"), kind, this);
        if (OnBind(client) is { } refusal) return new((null, refusal));
        Bound.Enqueue(client);
        return new((client, default));
    }

    private int PortAt(int index) =>
        new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(index)).Port;
}

internal sealed class StreamServerOptions
{
    // Short, so that a test which does not close need not wait for it; StreamTimeTests keeps the real one.
    public StreamLimits Limits { get; set; } = new() { CloseTime = TimeSpan.FromMilliseconds(50) };

    public bool ChannelBinding { get; set; }

    public bool Tokens { get; set; }

    /// <summary>Certificates beside the one that the server makes itself.</summary>
    public IList<DomainCertificateOptions> Certificates { get; set; } = [];

    public BoshLimits? Bosh { get; set; }

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public TimeSpan ResumptionTime { get; set; } = TimeSpan.FromMinutes(5);

    public ClientStateOptions ClientState { get; } = new();
}

/// <summary>A session that writes down what it is told.</summary>
internal sealed class BoundClient(IClientStream stream, Jid jid, SenderKind kind, StreamServer server) : IBoundSession
{
    public IClientStream Stream { get; } = stream;

    public Jid Jid { get; } = jid;

    public SenderKind Kind { get; } = kind;

    public ConcurrentQueue<Element> Received { get; } = new();

    /// <summary>The ids of what it may never have had, a group each time that it was told.</summary>
    public ConcurrentQueue<string> Unheard { get; } = new();

    public int Ends;

    public void FellSilent(IReadOnlyList<Stanza> unheard) => Unheard.Enqueue(string.Join(' ', unheard.Select(s => s.Id)));

    /// <summary>What its stream could not write, and what it had not acknowledged in the end.</summary>
    public ConcurrentQueue<Stanza> Lost { get; } = new();

    public int Resumptions;

    /// <summary>Whether handling waits for <see cref="Handle"/>.</summary>
    public bool IsSlow { get; set; }

    private readonly ConcurrentQueue<Action> _unhandled = new();

    public ValueTask<string?> ReceiveAsync(Element stanza, Action? handled, CancellationToken ct)
    {
        Received.Enqueue(stanza);
        if (server.OnStanza(this, stanza) is { } condition) return new(condition);
        if (IsSlow && handled is not null) _unhandled.Enqueue(handled);
        else handled?.Invoke();
        return new((string?)null);
    }

    /// <summary>Handles what waits.</summary>
    public void Handle()
    {
        while (_unhandled.TryDequeue(out var handled)) handled();
    }

    public void Resumed() => Interlocked.Increment(ref Resumptions);

    public ValueTask LoseAsync(IReadOnlyList<Undelivered> all)
    {
        foreach (var one in all) Lost.Enqueue(one.Stanza);
        return ValueTask.CompletedTask;
    }


    public async ValueTask EndAsync()
    {
        await LoseAsync(Stream.TakeUndelivered());
        Interlocked.Increment(ref Ends);
    }
}
