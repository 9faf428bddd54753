using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Parley.Server.Host.Configuration;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Plugins;

/// <summary>Starts the plugins, stops them, and changes them while the server runs. One operation at a time.</summary>
internal sealed class PluginManager(HostConfiguration configuration, XmppServerSettings settings, PluginTables tables, ContributionTable contributions, IServiceProvider host, ILogger<PluginManager> log) : IDisposable
{
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LeastTime = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WatchTime = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly List<PluginSource> _known = [];
    private volatile IReadOnlyList<LoadedPlugin> _running = [];

    /// <summary>The plugins in the tables now.</summary>
    public IReadOnlyList<LoadedPlugin> Running => _running;

    /// <summary>Every known plugin and whether it runs.</summary>
    public IReadOnlyList<(PluginSource Source, bool IsRunning)> List()
    {
        lock (_known) return [.. _known.Select(s => (s, _running.Any(r => r.Name == s.Name)))];
    }

    /// <summary>Builds, publishes and starts what is enabled.</summary>
    /// <exception cref="StartFailureException">Some plugin cannot start; the message names all that are at fault.</exception>
    public async Task StartAsync(PluginPlan plan, CancellationToken ct)
    {
        using var turn = await TakeTurnAsync(ct);
        lock (_known) _known.AddRange(plan.Entries.Select(e => e.Source));
        var built = new List<LoadedPlugin>();
        var faults = new Faults();
        foreach (var entry in plan.Entries)
        {
            var code = entry.Take();
            if (!entry.Switches.Enabled)
            {
                code.Context?.Unload();
                continue;
            }

            try
            {
                built.Add(LoadedPlugin.Build(code, entry.Switches, configuration.Root, contributions, host));
            }
            catch (PluginFaultException e)
            {
                log.LogDebug(e, "The plugin {Plugin} cannot be built", entry.Source.Name);
                faults.Add(e.Message);
            }
        }

        tables.Check(built, faults);
        if (faults.Lines.Count > 0) throw new ConfigurationException(faults.Lines);
        Put(built);
        foreach (var plugin in built) await plugin.StartAsync(ct);
    }

    /// <summary>Stops what all do by themselves, the last started first; they stay in the tables. One that takes all the time leaves the others a moment only.</summary>
    public Task StopServicesAsync(TimeSpan atMost) => EachAsync(atMost, async (plugin, left) => Report(plugin.Name, await plugin.StopServicesAsync(left())));

    /// <summary>Stops all, the last started first. One that takes all the time leaves the others a moment only.</summary>
    public Task StopAsync(TimeSpan atMost) => EachAsync(atMost, async (plugin, left) =>
    {
        // The plugin stays in the tables until it has stopped: a focus says goodbye by the router, and gets its answers.
        Report(plugin.Name, await plugin.StopServicesAsync(left()));
        Put([.. _running.Where(r => r != plugin)]);
        Report(plugin.Name, (await plugin.EndAsync(left())).Faults);
    });

    /// <summary>Loads a plugin that does not run: one that was disabled, or a drop-in that lies there since.</summary>
    /// <exception cref="PluginFaultException">It cannot be used; everything is as before.</exception>
    public async Task EnableAsync(string name, CancellationToken ct)
    {
        using var turn = await TakeTurnAsync(ct);
        if (_running.Any(r => r.Name == name)) throw new PluginFaultException(name, "runs already.");
        await LoadAsync(name, ct);
    }

    /// <summary>Unloads a running plugin.</summary>
    /// <returns>Whether it let go; a built-in one always does.</returns>
    public async Task<bool> DisableAsync(string name, CancellationToken ct)
    {
        using var turn = await TakeTurnAsync(ct);
        return await UnloadAsync(name);
    }

    /// <summary>Unloads a plugin and loads it again with what its file and the configuration's file say now.</summary>
    /// <exception cref="PluginFaultException">It cannot be used as it now is, and is off.</exception>
    public async Task<bool> ReloadAsync(string name, CancellationToken ct)
    {
        using var turn = await TakeTurnAsync(ct);
        configuration.Reload();
        var letGo = await UnloadAsync(name);
        await LoadAsync(name, ct);
        return letGo;
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task EachAsync(TimeSpan atMost, Func<LoadedPlugin, Func<TimeSpan>, Task> stop)
    {
        var clock = Stopwatch.StartNew();
        if (!await _turn.WaitAsync(atMost))
        {
            log.LogWarning(403, "The plugins are not stopped: one of them is still being loaded or unloaded");
            return;
        }

        using var turn = new Turn(_turn);
        TimeSpan Left() => atMost - clock.Elapsed is var left && left > LeastTime ? left : LeastTime;
        foreach (var plugin in _running.Reverse().ToList()) await stop(plugin, Left);
    }

    private async Task LoadAsync(string name, CancellationToken ct)
    {
        var source = PluginCatalogue.Find(settings.DataDirectory).FirstOrDefault(s => s.Name == name) ?? throw new PluginFaultException(name, $"there is no such plugin, built in or in {PluginCatalogue.Directory(settings.DataDirectory)}.");
        var code = source.Open();
        try
        {
            var faults = new Faults(configuration.SourceOf);
            var switches = PluginSwitches.Read(configuration.Root.GetSection("Plugins:" + name), settings.Domains, faults);
            PluginConfiguration.CheckOne(configuration.Root, code.Declaration, faults);
            ThrowIfAny(name, faults);
            await AddAsync(LoadedPlugin.Build(code, switches, configuration.Root, contributions, host), ct);
        }
        catch (Exception e) when (e is PluginFaultException or OperationCanceledException)
        {
            code.Context?.Unload();
            throw;
        }

        lock (_known)
        {
            if (!_known.Contains(source)) _known.Add(source);
        }

        log.LogInformation(400, "The plugin {Plugin} runs", name);
    }

    private async Task AddAsync(LoadedPlugin plugin, CancellationToken ct)
    {
        var before = _running;
        try
        {
            var faults = new Faults();
            tables.Check([.. before, plugin], faults);
            ThrowIfAny(plugin.Name, faults);
            Put([.. before, plugin]);
            await plugin.StartAsync(ct);
        }
        catch (Exception e) when (e is PluginFaultException or OperationCanceledException)
        {
            Put(before);
            Report(plugin.Name, (await plugin.EndAsync(EndTime)).Faults);
            throw;
        }
    }

    private async Task<bool> UnloadAsync(string name)
    {
        var reference = await RemoveAsync(name);
        return reference is null || await UnloadWatch.WaitAsync(name, reference, WatchTime, log);
    }

    // Apart, so that no local of a method that still runs holds the plugin while the watch waits for it to go.
    private async Task<WeakReference?> RemoveAsync(string name)
    {
        var plugin = _running.FirstOrDefault(r => r.Name == name) ?? throw new PluginFaultException(name, "does not run.");
        Put([.. _running.Where(r => r != plugin)]);
        var (faults, reference) = await plugin.EndAsync(EndTime);
        Report(name, faults);
        return reference;
    }

    private void Put(IReadOnlyList<LoadedPlugin> plugins)
    {
        tables.Publish(plugins);
        _running = plugins;
    }

    private void Report(string name, IReadOnlyList<Exception> faults)
    {
        foreach (var fault in faults) log.LogWarning(401, fault, "The plugin {Plugin} did not stop well: {Fault}", name, fault.Message);
    }

    private static void ThrowIfAny(string name, Faults faults)
    {
        if (faults.Lines.Count > 0) throw new PluginFaultException(name, "cannot be loaded. " + string.Join(" ", faults.Lines));
    }

    private async Task<IDisposable> TakeTurnAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        return new Turn(_turn);
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
