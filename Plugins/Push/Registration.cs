using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Push;

/// <summary>Where notifications for one client of an account go (XEP-0357 section 5).</summary>
/// <param name="Account">The account.</param>
/// <param name="Service">The app server.</param>
/// <param name="Node">The node there; empty for none.</param>
/// <param name="Options">The form to publish with; null for none.</param>
internal sealed record Registration(Jid Account, Jid Service, string Node, Element? Options)
{
    private const string PublishOptions = "http://jabber.org/protocol/pubsub#publish-options";
    private const int MaxNode = 1023, MaxOptions = 8 * 1024;

    /// <summary>Reads what a client asks to enable; null, with what to answer, if it cannot be.</summary>
    public static Registration? Read(Jid account, Element enable, out StanzaCondition fault)
    {
        fault = StanzaCondition.BadRequest;
        if (enable["jid"] is not { } text) return null;
        fault = StanzaCondition.JidMalformed;
        if (!Jid.TryParse(text, out var service)) return null;
        fault = StanzaCondition.PolicyViolation;
        var node = enable["node"] ?? "";
        var form = enable.Child("x", DataForm.Namespace);
        if (node.Length > MaxNode || form?.ToUtf8().Length > MaxOptions) return null;
        fault = StanzaCondition.BadRequest;
        if (form is not null && DataForm.Read(form) is not { Type: "submit", FormType: PublishOptions }) return null;
        return new Registration(account, service, node, form);
    }
}
