using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Blocking;

/// <summary>Reads what clients ask of their block list.</summary>
internal static class BlockRequests
{
    /// <summary>Whether a request is about the asker's own account: nobody else may look.</summary>
    public static bool IsOwn(IqRequest iq) => iq.Sender.Kind == SenderKind.Account && iq.From.Bare == iq.To;

    /// <summary>Reads the items; null, with what to answer, if one of them is none.</summary>
    public static IReadOnlyList<(Jid Jid, Element Item)>? Read(Element payload, out StanzaCondition fault)
    {
        var items = new List<(Jid, Element)>();
        fault = StanzaCondition.BadRequest;
        foreach (var item in payload.ChildrenNamed("item", BlockingPlugin.Namespace))
        {
            if (item["jid"] is not { } text) return null;
            fault = StanzaCondition.JidMalformed;
            if (!Jid.TryParse(text, out var jid)) return null;
            fault = StanzaCondition.BadRequest;
            items.Add((jid, item));
        }

        return items;
    }
}
