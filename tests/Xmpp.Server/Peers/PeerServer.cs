using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.tests.Xmpp.Server.Routing;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;
using Parley.Xmpp.Server.Sessions;

namespace Parley.tests.Xmpp.Server.Peers;

/// <summary>A whole server on Kestrel for what peers do with it: its accounts are made up, its clients are fakes, its listeners are the test's choice.</summary>
internal sealed class PeerServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private bool _isDisposed;
    private readonly string _directory = Directory.CreateTempSubdirectory("parley-peers-").FullName;

    private PeerServer(Func<ServerOptions, XmppServerSettings> settings, Action<KestrelServerOptions> listen, Action<IServiceCollection>? configure)
    {
        var made = settings(new ServerOptions { Domain = "one.test", Domains = ["two.test"], BindAddress = "127.0.0.1", DataDirectory = _directory });
        Assert.Empty(made.Validate());
        var accounts = Substitute.For<IAccountStore>();
        accounts.ExistsAsync(Arg.Any<Jid>(), Arg.Any<CancellationToken>()).Returns(c => c.Arg<Jid>().Local is "ann" or "ben");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddXmppServer(made).AddSingleton(accounts).RemoveAll<IOpenStreams>();
        configure?.Invoke(builder.Services);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(listen);
        _app = builder.Build();
    }

    public static async Task<PeerServer> StartAsync(Func<ServerOptions, XmppServerSettings> settings, Action<KestrelServerOptions> listen, Action<IServiceCollection>? configure = null)
    {
        var server = new PeerServer(settings, listen, configure);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public int PortAt(int index) => new Uri(Get<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(index)).Port;

    /// <summary>Binds a client, available at once.</summary>
    public async Task<Client> BindAsync(string full)
    {
        var (jid, stream) = (Jid.Parse(full), new FakeStream());
        var (session, refusal) = await Get<ISessionBinder>().BindAsync(stream, jid.Bare, SenderKind.Account, jid.Resource, TestContext.Current.CancellationToken);
        Assert.True(session is not null, refusal.ToString());
        var client = new Client(session, stream);
        Assert.Null(await client.SendAsync("<presence/>"));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true)) return;
        Get<IPeerStreams>().CloseAll("system-shutdown");
        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    public static void OnLoopback(KestrelServerOptions kestrel, Action<ListenOptions> use) => kestrel.Listen(IPAddress.Loopback, 0, use);
}
