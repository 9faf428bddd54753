using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Parley.Plugin.Abstractions;

/// <summary>
/// Where a plugin declares itself. Handlers, interceptors, components and contributions are types of the plugin: one instance each, made by the plugin's own
/// container when the plugin is published and disposed when it is unloaded.
/// </summary>
public interface IPluginBuilder
{
    /// <summary>The plugin's name.</summary>
    string Name { get; }

    /// <summary>The plugin's own services. May inject from the host: ILoggerFactory and ILogger&lt;T&gt;, TimeProvider, IMeterFactory, IStanzaRouter,
    /// IIqClient, ISessionDirectory, IServerInfo, IConnectionListeners, the stores, IAccountManager, IPluginDatabase where it has tables, IContributions&lt;T&gt;, IConfiguration (the plugin's section).</summary>
    IServiceCollection Services { get; }

    /// <summary>Binds options, by default to the plugin's own section <c>Plugins:&lt;Name&gt;</c>. An unknown key stops the start.</summary>
    /// <param name="topLevelSection">A top-level section to claim instead, such as <c>Turn</c>; two claims of one are an error.</param>
    /// <param name="validate">Returns the faults found, each a line that begins with the key below the section (<c>Port: must be …</c>).</param>
    IPluginBuilder AddOptions<TOptions>(string? topLevelSection = null, Func<TOptions, IEnumerable<string>>? validate = null) where TOptions : class, new();

    /// <summary>Handles IQs of type get with this payload. Its namespace is listed as a feature of the target in disco#info.</summary>
    /// <param name="ns">The payload's namespace.</param>
    /// <param name="element">The payload's element name.</param>
    /// <param name="target">Who is asked.</param>
    /// <param name="component">The component's name where <paramref name="target"/> is <see cref="IqTarget.Component"/>.</param>
    IPluginBuilder OnIqGet<THandler>(string ns, string element, IqTarget target = IqTarget.Server, string? component = null) where THandler : class, IIqHandler;

    /// <summary>Handles IQs of type set with this payload; see <see cref="OnIqGet{THandler}"/>.</summary>
    IPluginBuilder OnIqSet<THandler>(string ns, string element, IqTarget target = IqTarget.Server, string? component = null) where THandler : class, IIqHandler;

    /// <summary>Sees messages at a point of their way, in ascending <paramref name="order"/>.</summary>
    IPluginBuilder OnMessage<TInterceptor>(StanzaPoint point, int order = 0) where TInterceptor : class, IMessageInterceptor;

    /// <summary>Sees presences at a point of their way, in ascending <paramref name="order"/>.</summary>
    IPluginBuilder OnPresence<TInterceptor>(StanzaPoint point, int order = 0) where TInterceptor : class, IPresenceInterceptor;

    /// <summary>Sees IQs at a point of their way, in ascending <paramref name="order"/>: requests before any handler, answers that nobody on this server waits for.</summary>
    IPluginBuilder OnIq<TInterceptor>(StanzaPoint point, int order = 0) where TInterceptor : class, IIqInterceptor;

    /// <summary>Serves a subdomain, <c>&lt;name&gt;.&lt;domain&gt;</c> under each domain that the plugin serves, with a JID of its own. Stanzas to it or below it go to the component,
    /// IQs only where no <see cref="OnIqGet{THandler}"/> or <see cref="OnIqSet{THandler}"/> of that component matched.</summary>
    /// <param name="name">The first label, such as <c>calls</c>.</param>
    /// <param name="domain">A key in the plugin's section that the operator may set to another full name, such as <c>Domain</c>.</param>
    /// <param name="enabled">A key in the plugin's section by which the operator may leave the component out, with the value false; the plugin's options have it too. Null: there is none.</param>
    IPluginBuilder AddComponent<TComponent>(string name, string? domain = "Domain", string? enabled = null) where TComponent : class, IComponent;

    /// <summary>Offers an item to whoever asks for <see cref="IContributions{TItem}"/>. Item types live in the contract, or in Media.Control.</summary>
    IPluginBuilder Contribute<TItem, T>() where TItem : class where T : class, TItem;

    /// <summary>Advertises a feature of the target in disco#info without handling anything.</summary>
    IPluginBuilder AddFeature(string feature, IqTarget target = IqTarget.Server);

    /// <summary>Adds an identity of the server or of its accounts (XEP-0030 section 3.1) to disco#info; a component says its own.</summary>
    /// <param name="identity">The identity.</param>
    /// <param name="target"><see cref="IqTarget.Server"/> or <see cref="IqTarget.Account"/>.</param>
    IPluginBuilder AddIdentity(DiscoIdentity identity, IqTarget target = IqTarget.Server);

    /// <summary>Makes tables for <see cref="IPluginDatabase"/>, which the plugin may inject then. Their names begin with the plugin's own, in lower case.</summary>
    /// <param name="steps">The schema, version by version: each step is run once, in order, and never changed once released. <c>{id}</c> stands for a column type that numbers rows
    /// by itself and is the primary key, <c>{blob}</c> for one of bytes, and <c>{clustered}</c> behind the closing bracket of a table for one that is kept in the order of its primary key.</param>
    IPluginBuilder AddTables(params string[] steps);

    /// <summary>Runs a service between publishing and unloading the plugin.</summary>
    IPluginBuilder AddHostedService<TService>() where TService : class, IHostedService;

    /// <summary>Serves HTTP requests whose path begins with <paramref name="prefix"/> (which begins with a slash).</summary>
    IPluginBuilder MapHttp<THandler>(string prefix) where THandler : class, IHttpHandler;

    /// <summary>Serves connections at a TCP port of the plugin's own. It is opened when the server starts, or not before the next start; while the plugin is off, whoever
    /// comes there is cut off.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="port">The port, read from options that <see cref="AddOptions{TOptions}"/> binds; 0 for none.</param>
    IPluginBuilder MapConnection<THandler, TOptions>(ConnectionListener listener, Func<TOptions, int> port) where THandler : class, IConnectionHandler where TOptions : class, new();

    /// <summary>Serves connections at the port of HTTPS, beside HTTP: those that named one of the listener's application protocols, and of those that named none the ones
    /// that the handler recognizes.</summary>
    /// <param name="listener">The listener; it has TLS.</param>
    /// <param name="isOn">Whether it shares, read from options that <see cref="AddOptions{TOptions}"/> binds.</param>
    IPluginBuilder ShareHttps<THandler, TOptions>(ConnectionListener listener, Func<TOptions, bool> isOn) where THandler : class, ISharedConnectionHandler where TOptions : class, new();
}

/// <summary>Answers HTTP requests below a prefix.</summary>
public interface IHttpHandler
{
    /// <summary>Answers one request. <see cref="HttpRequest.Path"/> is what follows the prefix; the prefix is in <see cref="HttpRequest.PathBase"/>.</summary>
    Task HandleAsync(HttpContext context);
}

/// <summary>Who an IQ asks.</summary>
public enum IqTarget
{
    /// <summary>A served domain itself.</summary>
    Server,
    /// <summary>A local account's bare address: the server answers on the account's behalf.</summary>
    Account,
    /// <summary>A component's domain or an address below it.</summary>
    Component,
    /// <summary>A local session's full address: handled instead of being delivered.</summary>
    Session,
}

/// <summary>A point on a stanza's way.</summary>
public enum StanzaPoint
{
    /// <summary>Just received from a local session, its <c>from</c> stamped; also the unavailable presence that the server says for a session that closed.</summary>
    FromLocalSession,
    /// <summary>About to be given to a local account's bare address, before a resource is chosen.</summary>
    ToLocalAccount,
    /// <summary>About to be written to one local session.</summary>
    ToSession,
    /// <summary>Just received from another server or component.</summary>
    FromRemote,
    /// <summary>Sent in a local account's name by the server or a plugin, such as presence to contacts, when it enters the router.</summary>
    FromLocalAccount,
}
