using Microsoft.Extensions.Hosting;
using Parley.Server.Host.Plugins;

namespace Parley.Server.Host.Hosting;

/// <summary>Starts the plugins after the server's own services and before the listeners, so that the first client finds everything there.</summary>
internal sealed class PluginsService(PluginManager manager, PluginPlan plan) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => manager.StartAsync(plan, cancellationToken);

    // The run command has stopped them already; what is left are those of a start that failed half-way.
    public Task StopAsync(CancellationToken cancellationToken) => manager.StopAsync(TimeSpan.FromSeconds(1)).WaitAsync(cancellationToken);
}
