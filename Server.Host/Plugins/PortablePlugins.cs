using Microsoft.Extensions.DependencyInjection;
using Parley.Doctor.Network;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Hosting;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;

namespace Parley.Server.Host.Plugins;

/// <summary>What plugins say of their accounts' data, for a command that starts none of them. A plugin that is turned off still has what it kept.</summary>
internal sealed class PortablePlugins : IAsyncDisposable
{
    private readonly List<ServiceProvider> _containers = [];

    /// <summary>What plugins may have from the host, of which nothing is started; and nothing that a server which runs on the same data directory has made for itself.</summary>
    public static ServiceProvider HostServices(LoadedSetup setup) => new ServiceCollection().AddLogging().AddSingleton<AskStun>(StunQuestion.Ask).AddXmppServer(setup.Settings.Server)
        .AddSingleton(setup.Configuration)
        .AddSingleton<IConnectionListeners>(setup.Listeners)
        .AddSingleton<ContributionTable>()
        .AddSingleton(typeof(IContributions<>), typeof(Contributions<>))
        .BuildServiceProvider();

    /// <summary>Builds the containers of those that contribute such data.</summary>
    /// <exception cref="PluginFaultException">One cannot be built.</exception>
    public PortablePlugins(LoadedSetup setup, IServiceProvider host)
    {
        var data = new List<IPortableData>();
        foreach (var code in setup.Plugins.Entries.Select(e => e.Code))
        {
            var sources = code.Declaration.Contributions.Where(c => c.Item == typeof(IPortableData)).ToList();
            if (sources.Count == 0) continue;
            var container = PluginServices.Build(code.Declaration, setup.Configuration.Root, new ContributionTable(), host);
            _containers.Add(container);
            data.AddRange(sources.Select(s => (IPortableData)container.GetRequiredService(s.Implementation)));
        }

        Data = data;
    }

    /// <summary>All of it.</summary>
    public IReadOnlyList<IPortableData> Data { get; }

    public async ValueTask DisposeAsync()
    {
        foreach (var container in _containers) await container.DisposeAsync();
    }
}
