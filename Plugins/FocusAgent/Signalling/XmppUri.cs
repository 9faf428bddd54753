using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Signalling;

/// <summary>Addresses as URIs (RFC 5122).</summary>
public static class XmppUri
{
    /// <summary>The <c>xmpp:</c> URI of an address.</summary>
    public static string Of(Jid jid)
    {
        var local = jid.Local is null ? "" : Uri.EscapeDataString(jid.Local) + "@";
        var resource = jid.Resource is null ? "" : "/" + Uri.EscapeDataString(jid.Resource);
        return $"xmpp:{local}{jid.Domain}{resource}";
    }
}
