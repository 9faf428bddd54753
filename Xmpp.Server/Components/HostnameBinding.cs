using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Components;

/// <summary>Which domains one component's stream speaks for (XEP-0225 section 4). Sans-IO; one caller at a time.</summary>
/// <param name="settings">The components that there are.</param>
/// <param name="name">The one that it authenticated as: it may bind that, and all that have the same secret.</param>
internal sealed class HostnameBinding(XmppServerSettings settings, string name)
{
    private readonly HashSet<string> _bound = new(StringComparer.Ordinal);

    /// <summary>Whether a domain is bound.</summary>
    public bool Has(string domain) => _bound.Contains(domain);

    /// <summary>Whether a stanza is a request to bind or unbind, for the server itself.</summary>
    public static bool IsAsked(Element stanza) => stanza.Is("iq", Ns.Client) && stanza["type"] == "set" && stanza.Children.FirstOrDefault() is { Namespace: Ns.ComponentBind, Name: "bind" or "unbind" };

    /// <summary>Does what is asked, and says what to answer.</summary>
    /// <returns>The answer; and the domain that is bound or (<c>IsBound</c> false) unbound by it, null for none.</returns>
    public (Element Answer, string? Domain, bool IsBound) Handle(Element iq)
    {
        var asked = iq.Children.First();
        if (string.IsNullOrEmpty(iq["id"]) || !Jid.TryParse(asked.Child("hostname")?.Value, out var host) || host.Local is not null) return (Refuse(iq, StanzaCondition.BadRequest), null, false);
        // A resource is for purposes that the text leaves open.
        if (host.Resource is not null || !IsItsOwn(host.Domain)) return (Refuse(iq, StanzaCondition.NotAllowed), null, false);
        if (asked.Name == "unbind") return _bound.Remove(host.Domain) ? (Result(iq), host.Domain, false) : (Refuse(iq, StanzaCondition.ItemNotFound), null, false);
        if (!_bound.Add(host.Domain)) return (Refuse(iq, StanzaCondition.Conflict), null, false);
        return (Result(iq).Add(new Element("bind", Ns.ComponentBind).Add(new Element("hostname", Ns.ComponentBind).Text(host.Domain))), host.Domain, true);
    }

    private bool IsItsOwn(string domain) => settings.FindComponent(domain) is { } component && (domain == name || component.Secret == settings.FindComponent(name)?.Secret);

    private static Element Result(Element iq) => new Element("iq", Ns.Client).Attr("type", "result").Attr("id", iq["id"]);

    private static Element Refuse(Element iq, StanzaCondition condition) => new Element("iq", Ns.Client).Attr("type", "error").Attr("id", iq["id"]).Add(new StanzaError(condition).ToElement());
}
