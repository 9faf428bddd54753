using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Server.Routing;

namespace Parley.Server.Host.Plugins;

/// <summary>A plugin with its container, from being built to being unloaded.</summary>
internal sealed class LoadedPlugin
{
    private readonly PluginGate _gate;
    private readonly ServiceProvider _services;
    private readonly PluginLoadContext? _context;
    private readonly List<IHostedService> _hosted;
    private readonly string[] _claims;
    private readonly ILogger _log;
    private readonly Stack<IHostedService> _started = new();

    private LoadedPlugin(LoadedCode code, RegistrationOwner owner, ServiceProvider services, PluginGate gate, PluginRows rows)
    {
        (Name, Owner, Rows, _services, _gate, _context) = (code.Declaration.Name, owner, rows, services, gate, code.Context);
        _claims = ClaimsOf(code);
        _log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Parley.Plugins");
        _hosted = [.. code.Declaration.HostedServices.Select(t => (IHostedService)services.GetRequiredService(t))];
    }

    public string Name { get; }

    public RegistrationOwner Owner { get; }

    /// <summary>Its rows in the host's tables.</summary>
    public PluginRows Rows { get; private set; }

    /// <summary>Builds the container and makes the plugin's objects.</summary>
    /// <exception cref="PluginFaultException">Something in it cannot be made.</exception>
    public static LoadedPlugin Build(LoadedCode code, PluginSwitches switches, IConfiguration configuration, ContributionTable contributions, IServiceProvider host)
    {
        var owner = new RegistrationOwner(code.Declaration.Name, switches.Hosts);
        var services = PluginServices.Build(code.Declaration, configuration, contributions, host);
        try
        {
            var gate = new PluginGate();
            return new LoadedPlugin(code, owner, services, gate, PluginRows.Make(code.Declaration, owner, gate, services, configuration));
        }
        catch (Exception e) when (e is not PluginFaultException and not OutOfMemoryException)
        {
            services.Dispose();
            throw PluginFaultException.From(code.Declaration.Name, ClaimsOf(code), e);
        }
    }

    /// <summary>Starts its hosted services, in the order of their declaration.</summary>
    /// <exception cref="PluginFaultException">One of them cannot start; those before it are still running.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        foreach (var service in _hosted)
        {
            try
            {
                await service.StartAsync(ct);
                _started.Push(service);
                if (service is BackgroundService { ExecuteTask: { } work }) Watch(service.GetType().Name, work);
            }
            catch (Exception e) when (e is not OutOfMemoryException && !ct.IsCancellationRequested)
            {
                throw PluginFaultException.From(Name, _claims, e);
            }
        }
    }

    private static string[] ClaimsOf(LoadedCode code) => [.. code.Declaration.Options.Select(o => o.TopLevelSection).OfType<string>()];

    // What runs in the background has nobody who awaits it; its failure must not pass in silence.
    private void Watch(string service, Task work) => work.ContinueWith(
        t => _log.LogError(402, t.Exception!.GetBaseException(), "{Service} of the plugin {Plugin} failed and has stopped", service, Name),
        CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Waits for calls inside, stops the hosted services and disposes everything. The tables must be without the plugin already.</summary>
    /// <returns>What went wrong on the way; and for a drop-in a reference by which to see whether it is gone.</returns>
    public async Task<(IReadOnlyList<Exception> Faults, WeakReference? Context)> EndAsync(TimeSpan atMost)
    {
        var faults = new List<Exception>();
        if (!await _gate.CloseAsync(atMost)) faults.Add(new TimeoutException($"{Name} was still at work after {atMost.TotalSeconds:0} s."));
        faults.AddRange(await StopServicesAsync(atMost));
        _hosted.Clear();
        await AttemptAsync(() => _services.DisposeAsync().AsTask(), atMost, faults);
        _gate.Release();
        Rows = null!;
        if (_context is null) return (faults, null);
        _context.Unload();
        return (faults, new WeakReference(_context));
    }

    /// <summary>Stops the hosted services, the last started first.</summary>
    public async Task<IReadOnlyList<Exception>> StopServicesAsync(TimeSpan atMost)
    {
        var faults = new List<Exception>();
        using var over = new CancellationTokenSource(atMost);
        var clock = Stopwatch.StartNew();
        while (_started.TryPop(out var service)) await AttemptAsync(() => service.StopAsync(over.Token), atMost - clock.Elapsed, faults);
        return faults;
    }

    // A plugin that fails to stop must not keep the others from stopping: its fault is reported, not thrown.
    // On another thread, since it may block before it returns its task.
    private static async Task AttemptAsync(Func<Task> step, TimeSpan atMost, List<Exception> faults)
    {
        try
        {
            await Task.Run(step).WaitAsync(atMost > TimeSpan.Zero ? atMost : TimeSpan.Zero);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            faults.Add(e);
        }
    }
}
