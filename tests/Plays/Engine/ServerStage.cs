using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Hosting;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Plays.Engine;

/// <summary>The whole server in this process, as the command line would build it; reached in memory, or over sockets on loopback.</summary>
public sealed class ServerStage : IStage, IAsyncDisposable
{
    private static readonly string[] Settings =
    [
        // What every play may use: a component. There is nobody else to speak with.
        "--Components:0:Name", "irc.localhost", "--Components:0:Secret", "component-secret", "--Federation:Enabled", "false",
        "--Plugins:MediaRelay:Enabled", "false", "--Plugins:FocusAgent:Enabled", "false", "--Plugins:Meet:Enabled", "false", "--Logging:Level", "Warning",
    ];

    private readonly string _data = Directory.CreateTempSubdirectory("parley-play-").FullName;
    private readonly MemoryTransport? _memory;
    private WebApplication _app = null!;

    private ServerStage(Doors doors, MemoryTransport? memory) => (Doors, _memory) = (doors, memory);

    /// <inheritdoc/>
    public string Domain => Cast.Domain;

    /// <inheritdoc/>
    public Doors Doors { get; }

    /// <summary>Starts it without a socket.</summary>
    /// <param name="settings">Settings as on the command line.</param>
    public static Task<ServerStage> InMemoryAsync(params string[] settings) => StartAsync(new Doors(1, 2, 3, 4, 5, 6), new MemoryTransport(), settings);

    /// <summary>Starts it on free ports of loopback.</summary>
    /// <param name="settings">Settings as on the command line.</param>
    public static Task<ServerStage> OverSocketsAsync(params string[] settings)
    {
        var probes = Enumerable.Range(0, 6).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var probe in probes) probe.Start();
        var ports = probes.Select(p => ((IPEndPoint)p.LocalEndpoint).Port).ToArray();
        foreach (var probe in probes) probe.Dispose();
        return StartAsync(new Doors(ports[0], ports[1], ports[2], ports[3], ports[4], ports[5]), null, settings);
    }

    /// <inheritdoc/>
    public async ValueTask<Stream> ConnectAsync(int port, CancellationToken ct)
    {
        if (_memory is not null) return _memory.Connect(port);
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port, ct);
        return client.GetStream();
    }

    /// <inheritdoc/>
    public async Task AddAccountAsync(Jid account, string password, CancellationToken ct) => await _app.Services.GetRequiredService<IAccountAdministration>().AddAsync(account, password, ct);

    /// <inheritdoc/>
    public async Task BefriendAsync(Jid one, Jid other, CancellationToken ct)
    {
        var rosters = _app.Services.GetRequiredService<IRosterStore>();
        await rosters.WriteAsync(one, new RosterItem(other, null, [], SubscribedTo: true, SubscribedFrom: true, PendingOut: false, PendingIn: null), ct);
        await rosters.WriteAsync(other, new RosterItem(one, null, [], SubscribedTo: true, SubscribedFrom: true, PendingOut: false, PendingIn: null), ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    private static async Task<ServerStage> StartAsync(Doors doors, MemoryTransport? memory, string[] settings)
    {
        var stage = new ServerStage(doors, memory);
        var setup = LoadedSetup.Load(new CommandLine(SettingArguments.Extract(["--Server:DataDirectory", stage._data, .. doors.ToSettings(), .. Settings, .. settings]), null));
        stage._app = ServerApplication.Build(setup, services =>
        {
            if (memory is not null) services.AddSingleton<IConnectionListenerFactory>(memory);
        });
        await stage._app.StartAsync();
        return stage;
    }
}
