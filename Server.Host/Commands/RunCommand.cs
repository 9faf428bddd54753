using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Parley.Server.Host.Hosting;
using Parley.Server.Host.Http;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Server.Host.Commands;

/// <summary><c>run</c>: the server, until Ctrl-C.</summary>
internal static class RunCommand
{
    // With the listeners' own second, four and a half where everybody keeps to it.
    private static readonly TimeSpan PluginsTime = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan StreamsTime = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(CommandLine line)
    {
        StartChecks.RequireOpenSsl();
        var setup = LoadedSetup.Load(line);
        StartChecks.RequireDataDirectory(setup.Settings.Server.DataDirectory);
        using var stop = new CancellationTokenSource();
        using var interrupt = OnSignal(PosixSignal.SIGINT, stop);
        using var terminate = OnSignal(PosixSignal.SIGTERM, stop);
        await using var app = ServerApplication.Build(setup);
        try
        {
            await StartAsync(app, setup, stop.Token);
        }
        catch (Exception e)
        {
            // What plugins had begun before the fault is not to meet a database that is gone.
            await app.Services.GetRequiredService<PluginManager>().StopServicesAsync(PluginsTime);
            if (e is OperationCanceledException && stop.IsCancellationRequested) return 0;
            if (ListenerFaults.Explain(e, setup.Settings.Server, setup.Listeners) is { } plain) throw plain;
            throw;
        }

        // A background service that fails stops the host; the log says which and why.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, app.Lifetime.ApplicationStopping);
        await Task.Delay(Timeout.Infinite, ended.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        StopLimit.Start(exitCode: 1);
        await StopAsync(app);
        return stop.IsCancellationRequested ? 0 : 1;
    }

    private static async Task StartAsync(WebApplication app, LoadedSetup setup, CancellationToken ct)
    {
        var server = app.Services.GetRequiredService<ServerInfo>();
        await app.StartAsync(ct);
        app.Services.GetRequiredService<Readiness>().Set(true);
        await Console.Out.WriteLineAsync(Greeting.Write(setup, server));
        string[] warnings = LoopbackRule.Warn(setup.Settings.Server) is { } refused ? [.. server.Warnings, refused] : [.. server.Warnings];
        foreach (var warning in warnings) await Console.Out.WriteLineAsync($"WARNING: {warning}\n");
    }

    // What the plugins do by themselves first, since a focus ends its calls through the streams; then the streams, while the plugins still store what did not arrive;
    // then the plugins; then the listeners. Within five seconds all told, which StopLimit sees to.
    private static async Task StopAsync(WebApplication app)
    {
        app.Services.GetRequiredService<Readiness>().Set(false);
        var plugins = app.Services.GetRequiredService<PluginManager>();
        var clock = Stopwatch.StartNew();
        await plugins.StopServicesAsync(PluginsTime);
        var left = PluginsTime - clock.Elapsed;
        await app.Services.GetRequiredService<ISessionControl>().CloseAllAsync(StreamsTime);
        await plugins.StopAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        await app.StopAsync();
    }

    // The first signal asks to stop; a second one ends the process as if nobody had listened.
    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource stop) => PosixSignalRegistration.Create(signal, context =>
    {
        if (stop.IsCancellationRequested) return;
        context.Cancel = true;
        StopLimit.Start(exitCode: 0);
        stop.Cancel();
    });
}
