using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Configuration;
using Parley.Xmpp.Server.Storage;

namespace Parley.Server.Host.Plugins;

/// <summary>Builds a plugin's container.</summary>
internal static class PluginServices
{
    // The whole of what a plugin may have from the host. Instances, so that a plugin's container disposes none of them.
    private static readonly Type[] FromHost =
    [
        typeof(ILoggerFactory), typeof(TimeProvider), typeof(IServerInfo), typeof(IStanzaRouter), typeof(IIqClient), typeof(ISessionDirectory), typeof(IConnectionListeners),
        typeof(IAccountStore), typeof(IRosterStore), typeof(IOfflineStore), typeof(IPrivateStore), typeof(IAccountManager), typeof(IPresenceRenewal),
    ];

    /// <summary>Builds it and makes sure that everything in it can be made.</summary>
    /// <exception cref="PluginFaultException">Something cannot.</exception>
    public static ServiceProvider Build(PluginDeclaration declaration, IConfiguration configuration, ContributionTable contributions, IServiceProvider host)
    {
        var services = new ServiceCollection();
        foreach (var type in FromHost) services.AddSingleton(type, host.GetRequiredService(type));
        if (declaration.Tables.Count > 0) services.AddSingleton(host.GetRequiredService<IPluginDatabases>().Open(declaration.Name, declaration.Tables));
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        // A meter factory of its own: meters whose gauges observe the plugin's objects end with it.
        services.AddMetrics();
        services.AddSingleton(contributions);
        services.AddSingleton(typeof(IContributions<>), typeof(Contributions<>));
        var own = PluginSwitches.Strip(configuration.GetSection(declaration.Section));
        services.AddSingleton(own);
        foreach (var options in declaration.Options)
        {
            IConfiguration Section() => options.TopLevelSection is { } top ? configuration.GetSection(top) : PluginSwitches.Strip(configuration.GetSection(declaration.Section));
            options.Register(services, Section, PluginConfiguration.KnownElsewhere(declaration, options), host.GetRequiredService<HostConfiguration>());
        }

        foreach (var service in declaration.Services) ((ICollection<ServiceDescriptor>)services).Add(service);
        try
        {
            return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        }
        catch (AggregateException e)
        {
            throw new PluginFaultException(declaration.Name, string.Join(" ", e.InnerExceptions.Select(i => i.InnerException?.Message ?? i.Message).Distinct()), e);
        }
    }
}
