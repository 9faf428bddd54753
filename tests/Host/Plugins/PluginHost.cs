using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Hosting;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Server.Routing;

namespace Parley.tests.Host.Plugins;

/// <summary>The server's parts without its listeners: what loads plugins, and the tables that they go into.</summary>
internal sealed class PluginHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PluginHost(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    public PluginManager Manager => Service<PluginManager>();

    public RoutingTable Table => Service<RoutingTableHolder>().Current;

    public HttpTable Http => Service<HttpTable>();

    public HostConfiguration Configuration => Service<HostConfiguration>();

    public T Service<T>() where T : class => _app.Services.GetRequiredService<T>();

    public IReadOnlyList<T> Contributions<T>() where T : class => Service<ContributionTable>().Of<T>();

    /// <summary>Starts the plugins of a scratch directory's data directory. The relay stays out: these tests open no port.</summary>
    public static async Task<PluginHost> StartAsync(Scratch scratch, params (string Key, string Value)[] settings)
    {
        var host = new PluginHost(ServerApplication.Build(Load(scratch, settings)));
        try
        {
            await host.Manager.StartAsync(host.Service<PluginPlan>(), TestContext.Current.CancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public static LoadedSetup Load(Scratch scratch, params (string Key, string Value)[] settings)
    {
        List<(string Key, string Value)> all = [("Server:DataDirectory", Path.Combine(scratch.Path, "data")), ("Logging:Level", "Warning"), ("Plugins:MediaRelay:Enabled", "false"), .. settings];
        Directory.CreateDirectory(Path.Combine(scratch.Path, "data"));
        var file = File.Exists(Path.Combine(scratch.Path, "a.json")) ? Path.Combine(scratch.Path, "a.json") : scratch.Write("a.json", "{}");
        return LoadedSetup.Load(new CommandLine(new SettingArguments([], [.. all.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value))], []), file));
    }

    public async ValueTask DisposeAsync()
    {
        await Manager.StopAsync(TimeSpan.FromSeconds(5));
        await _app.DisposeAsync();
    }
}
