using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Configuration;

namespace Parley.Server.Host.Plugins;

/// <summary>What a plugin's <see cref="IXmppPlugin.Configure"/> declared: data only.</summary>
internal sealed class PluginDeclaration(string name)
{
    /// <summary>The plugin's name.</summary>
    public string Name { get; } = name;

    /// <summary>The plugin's own section.</summary>
    public string Section => "Plugins:" + Name;

    /// <summary>Its own services, with a singleton for each type named below.</summary>
    public ServiceCollection Services { get; } = new();

    public List<OptionsDeclaration> Options { get; } = [];

    public List<IqDeclaration> Iqs { get; } = [];

    public List<InterceptorDeclaration> Messages { get; } = [];

    public List<InterceptorDeclaration> Presences { get; } = [];

    public List<InterceptorDeclaration> IqInterceptors { get; } = [];

    public List<ComponentDeclaration> Components { get; } = [];

    public List<ContributionDeclaration> Contributions { get; } = [];

    public List<FeatureDeclaration> Features { get; } = [];

    public List<IdentityDeclaration> Identities { get; } = [];

    /// <summary>The steps of its schema.</summary>
    public List<string> Tables { get; } = [];

    public List<Type> HostedServices { get; } = [];

    public List<HttpDeclaration> Http { get; } = [];

    public List<ConnectionDeclaration> Connections { get; } = [];

    /// <summary>The keys of the plugin's own section that the host reads.</summary>
    public IReadOnlySet<string> HostKeys =>
        Components.Select(c => c.DomainKey).OfType<string>().Append(PluginSwitches.EnabledKey).Append(PluginSwitches.HostsKey).ToHashSet(StringComparer.OrdinalIgnoreCase);
}

/// <summary>Options to bind.</summary>
/// <param name="Type">Their type.</param>
/// <param name="TopLevelSection">The claimed section; null for the plugin's own.</param>
/// <param name="Validate">Finds faults in bound options.</param>
/// <param name="Register">Registers them to be bound from a section, as it is whenever they are bound, and anew when the configuration says so.</param>
internal sealed record OptionsDeclaration(Type Type, string? TopLevelSection, Func<object, IEnumerable<string>> Validate, Action<IServiceCollection, Func<IConfiguration>, IReadOnlySet<string>, HostConfiguration> Register);

internal sealed record IqDeclaration(string Type, string Namespace, string Element, IqTarget Target, string? Component, Type Handler);

internal sealed record InterceptorDeclaration(StanzaPoint Point, int Order, Type Interceptor);

internal sealed record ComponentDeclaration(string Name, string? DomainKey, string? EnabledKey, Type Component);

internal sealed record ContributionDeclaration(Type Item, Type Implementation);

internal sealed record FeatureDeclaration(string Feature, IqTarget Target);

internal sealed record IdentityDeclaration(DiscoIdentity Identity, IqTarget Target);

internal sealed record HttpDeclaration(string Prefix, Type Handler);

/// <summary>A listener of a plugin's own, or (<paramref name="IsShared"/>) a part of HTTPS.</summary>
/// <param name="Listener">The listener.</param>
/// <param name="IsShared">Whether it shares the port of HTTPS.</param>
/// <param name="Handler">Who serves.</param>
/// <param name="Options">The options that say whether it listens.</param>
/// <param name="Port">Says so: the port, or for a shared one anything but 0.</param>
internal sealed record ConnectionDeclaration(ConnectionListener Listener, bool IsShared, Type Handler, Type Options, Func<object, int> Port);
