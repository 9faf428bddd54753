using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Configuration;

namespace Parley.Server.Host.Plugins;

/// <summary>Records what a plugin declares.</summary>
internal sealed class PluginBuilder(PluginDeclaration declaration) : IPluginBuilder
{
    public string Name => declaration.Name;

    public IServiceCollection Services => declaration.Services;

    public IPluginBuilder AddOptions<TOptions>(string? topLevelSection = null, Func<TOptions, IEnumerable<string>>? validate = null) where TOptions : class, new()
    {
        declaration.Options.Add(new OptionsDeclaration(typeof(TOptions), topLevelSection, o => validate?.Invoke((TOptions)o) ?? [],
            (services, section, elsewhere, configuration) => services
                .AddSingleton<IOptionsChangeTokenSource<TOptions>>(new ReloadedOptions<TOptions>(configuration))
                .AddOptions<TOptions>().Configure(o => OptionsBinder.Bind(section(), o, new Faults(), elsewhere))));
        return this;
    }

    public IPluginBuilder OnIqGet<THandler>(string ns, string element, IqTarget target = IqTarget.Server, string? component = null) where THandler : class, IIqHandler =>
        OnIq<THandler>("get", ns, element, target, component);

    public IPluginBuilder OnIqSet<THandler>(string ns, string element, IqTarget target = IqTarget.Server, string? component = null) where THandler : class, IIqHandler =>
        OnIq<THandler>("set", ns, element, target, component);

    public IPluginBuilder OnMessage<TInterceptor>(StanzaPoint point, int order = 0) where TInterceptor : class, IMessageInterceptor
    {
        declaration.Messages.Add(new InterceptorDeclaration(point, order, Own<TInterceptor>()));
        return this;
    }

    public IPluginBuilder OnPresence<TInterceptor>(StanzaPoint point, int order = 0) where TInterceptor : class, IPresenceInterceptor
    {
        declaration.Presences.Add(new InterceptorDeclaration(point, order, Own<TInterceptor>()));
        return this;
    }

    public IPluginBuilder OnIq<TInterceptor>(StanzaPoint point, int order = 0) where TInterceptor : class, IIqInterceptor
    {
        declaration.IqInterceptors.Add(new InterceptorDeclaration(point, order, Own<TInterceptor>()));
        return this;
    }

    public IPluginBuilder AddComponent<TComponent>(string name, string? domain = "Domain", string? enabled = null) where TComponent : class, IComponent
    {
        declaration.Components.Add(new ComponentDeclaration(name, domain, enabled, Own<TComponent>()));
        return this;
    }

    public IPluginBuilder Contribute<TItem, T>() where TItem : class where T : class, TItem
    {
        declaration.Contributions.Add(new ContributionDeclaration(typeof(TItem), Own<T>()));
        return this;
    }

    public IPluginBuilder AddFeature(string feature, IqTarget target = IqTarget.Server)
    {
        declaration.Features.Add(new FeatureDeclaration(feature, target));
        return this;
    }

    public IPluginBuilder AddIdentity(DiscoIdentity identity, IqTarget target = IqTarget.Server)
    {
        if (target is not (IqTarget.Server or IqTarget.Account)) throw new ArgumentException("An identity belongs to the server or to its accounts.", nameof(target));
        declaration.Identities.Add(new IdentityDeclaration(identity, target));
        return this;
    }

    public IPluginBuilder AddTables(params string[] steps)
    {
        declaration.Tables.AddRange(steps);
        return this;
    }

    public IPluginBuilder AddHostedService<TService>() where TService : class, IHostedService
    {
        declaration.HostedServices.Add(Own<TService>());
        return this;
    }

    public IPluginBuilder MapHttp<THandler>(string prefix) where THandler : class, IHttpHandler
    {
        if (prefix is not ['/', not '/', ..] || prefix.EndsWith('/')) throw new ArgumentException($"The prefix \"{prefix}\" must begin with a slash and not end in one.", nameof(prefix));
        declaration.Http.Add(new HttpDeclaration(prefix, Own<THandler>()));
        return this;
    }

    public IPluginBuilder MapConnection<THandler, TOptions>(ConnectionListener listener, Func<TOptions, int> port) where THandler : class, IConnectionHandler where TOptions : class, new()
    {
        declaration.Connections.Add(new ConnectionDeclaration(listener, IsShared: false, Own<THandler>(), typeof(TOptions), o => port((TOptions)o)));
        return this;
    }

    public IPluginBuilder ShareHttps<THandler, TOptions>(ConnectionListener listener, Func<TOptions, bool> isOn) where THandler : class, ISharedConnectionHandler where TOptions : class, new()
    {
        declaration.Connections.Add(new ConnectionDeclaration(listener, IsShared: true, Own<THandler>(), typeof(TOptions), o => isOn((TOptions)o) ? 1 : 0));
        return this;
    }

    private PluginBuilder OnIq<THandler>(string type, string ns, string element, IqTarget target, string? component) where THandler : class, IIqHandler
    {
        if ((target == IqTarget.Component) != (component is not null))
            throw new ArgumentException($"A component's name belongs to the target Component, and only to it ({type} {element} of {ns}).", nameof(component));
        declaration.Iqs.Add(new IqDeclaration(type, ns, element, target, component, Own<THandler>()));
        return this;
    }

    // One instance however many roles a type has.
    private Type Own<T>() where T : class
    {
        Services.TryAddSingleton<T>();
        return typeof(T);
    }
}
