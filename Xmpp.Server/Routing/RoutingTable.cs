using System.Collections.Frozen;
using System.Collections.Immutable;
using Parley.Plugin.Abstractions;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Everything that plugins declared, as the router reads it: immutable, replaced whole by <see cref="RoutingTableHolder.Publish"/>.</summary>
/// <param name="Iqs">IQ handlers by key.</param>
/// <param name="Messages">Message interceptors in their order.</param>
/// <param name="Presences">Presence interceptors in their order.</param>
/// <param name="Components">Components by their full domain name, such as <c>calls.example.org</c>.</param>
/// <param name="Features">Features advertised beside the namespaces of IQ handlers.</param>
public sealed record RoutingTable(
    FrozenDictionary<IqKey, ImmutableArray<IqRegistration>> Iqs,
    ImmutableArray<InterceptorRegistration<IMessageInterceptor>> Messages,
    ImmutableArray<InterceptorRegistration<IPresenceInterceptor>> Presences,
    FrozenDictionary<string, ComponentRegistration> Components,
    ImmutableArray<FeatureRegistration> Features)
{
    private readonly ByPoint<IMessageInterceptor> _messages = new(Messages);
    private readonly ByPoint<IPresenceInterceptor> _presences = new(Presences);
    private readonly ByPoint<IIqInterceptor> _iqs = new([]);

    /// <summary>IQ interceptors in their order.</summary>
    public ImmutableArray<InterceptorRegistration<IIqInterceptor>> IqInterceptors
    {
        get;
        init => (field, _iqs) = (value, new ByPoint<IIqInterceptor>(value));
    } = [];

    /// <summary>Message interceptors in their order.</summary>
    public ImmutableArray<InterceptorRegistration<IMessageInterceptor>> Messages
    {
        get;
        init => (field, _messages) = (value, new ByPoint<IMessageInterceptor>(value));
    } = Messages;

    /// <summary>Presence interceptors in their order.</summary>
    public ImmutableArray<InterceptorRegistration<IPresenceInterceptor>> Presences
    {
        get;
        init => (field, _presences) = (value, new ByPoint<IPresenceInterceptor>(value));
    } = Presences;

    /// <summary>Forms in the answers of served domains to disco#info.</summary>
    public ImmutableArray<FormRegistration> Forms { get; init; } = [];

    /// <summary>Identities of served domains and of accounts, beside their own.</summary>
    public ImmutableArray<IdentityRegistration> Identities { get; init; } = [];

    /// <summary>The message interceptors of a point.</summary>
    internal InterceptorRegistration<IMessageInterceptor>[] MessagesAt(StanzaPoint point) => _messages.At(point);

    /// <summary>The presence interceptors of a point.</summary>
    internal InterceptorRegistration<IPresenceInterceptor>[] PresencesAt(StanzaPoint point) => _presences.At(point);

    /// <summary>The IQ interceptors of a point.</summary>
    internal InterceptorRegistration<IIqInterceptor>[] IqsAt(StanzaPoint point) => _iqs.At(point);

    /// <summary>No plugins.</summary>
    public static RoutingTable Empty { get; } = new(FrozenDictionary<IqKey, ImmutableArray<IqRegistration>>.Empty, [], [], FrozenDictionary<string, ComponentRegistration>.Empty, []);
}

/// <summary>Interceptors by their point: a stanza passes two or three of these, and meets at each only whom it concerns.</summary>
internal sealed class ByPoint<T>(ImmutableArray<InterceptorRegistration<T>> all)
{
    private readonly InterceptorRegistration<T>[][] _points = [.. Enum.GetValues<StanzaPoint>().Order().Select(p => all.Where(r => r.Point == p).ToArray())];

    /// <summary>Those of a point, in order.</summary>
    public InterceptorRegistration<T>[] At(StanzaPoint point) => _points[(int)point];
}

/// <summary>What an IQ is looked up by. <paramref name="Component"/> is the component's name (its first label), null for other targets.</summary>
public readonly record struct IqKey(string Type, string Namespace, string Element, IqTarget Target, string? Component);

/// <summary>Which plugin registered something, and for which served domains (<c>Plugins:&lt;Name&gt;:Hosts</c>; empty means all).</summary>
public sealed record RegistrationOwner(string Plugin, ImmutableHashSet<string> Hosts)
{
    /// <summary>Whether the plugin serves that domain.</summary>
    public bool Serves(string domain) => Hosts.IsEmpty || Hosts.Contains(domain);
}

/// <summary>A registered IQ handler. Several share a key only where their hosts differ.</summary>
public sealed record IqRegistration(RegistrationOwner Owner, IqKey Key, IIqHandler Handler);

/// <summary>A registered interceptor.</summary>
public sealed record InterceptorRegistration<T>(RegistrationOwner Owner, StanzaPoint Point, int Order, T Interceptor);

/// <summary>A registered component at one domain.</summary>
/// <param name="Owner">The plugin.</param>
/// <param name="Name">The name that IQ keys use.</param>
/// <param name="Domain">The full domain name that it answers at.</param>
/// <param name="ParentDomain">The served domain that it belongs to.</param>
/// <param name="Component">The component.</param>
public sealed record ComponentRegistration(RegistrationOwner Owner, string Name, string Domain, string ParentDomain, IComponent Component);

/// <summary>A registered feature.</summary>
public sealed record FeatureRegistration(RegistrationOwner Owner, string Feature, IqTarget Target);

/// <summary>A source of forms about served domains.</summary>
public sealed record FormRegistration(RegistrationOwner Owner, IDomainForms Source);

/// <summary>A registered identity.</summary>
public sealed record IdentityRegistration(RegistrationOwner Owner, DiscoIdentity Identity, IqTarget Target);

/// <summary>Holds the table in force.</summary>
public sealed class RoutingTableHolder
{
    private volatile RoutingTable _current = RoutingTable.Empty;

    /// <summary>The table in force; take it once per stanza.</summary>
    public RoutingTable Current => _current;

    /// <summary>Replaces the table.</summary>
    public void Publish(RoutingTable table) => _current = table;
}
