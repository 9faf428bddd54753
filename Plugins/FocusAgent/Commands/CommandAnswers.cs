using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Reservations;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Commands;

/// <summary>What commands of rooms answer (XEP-0050).</summary>
internal static class CommandAnswers
{
    private const int MaxSessionId = 256;

    /// <summary>Reads the step that is asked for. There is one page, so that no session need be kept between steps.</summary>
    /// <param name="iq">The request.</param>
    /// <param name="reply">The answer, where it is settled already; else null.</param>
    /// <returns>Whether the command is to be run.</returns>
    public static bool IsToRun(IqRequest iq, out IqReply? reply)
    {
        var command = iq.Payload;
        reply = command["sessionid"] is { Length: 0 or > MaxSessionId } ? Bad(iq, "bad-sessionid") : command["action"] switch
        {
            "cancel" => iq.Result(Answer(command, "canceled")),
            null or "execute" or "complete" => null,
            "next" or "prev" => Bad(iq, "bad-action"),
            _ => Bad(iq, "malformed-action"),
        };
        return reply is null;
    }

    /// <summary>The answer to a step.</summary>
    public static Element Answer(Element command, string status) => new Element("command", ReservationNames.Commands)
        .Attr("node", command["node"]).Attr("sessionid", command["sessionid"] ?? Ids.New()).Attr("status", status);

    /// <summary>A form to fill in.</summary>
    public static Element Ask(Element command, Element form) => Answer(command, "executing").Add("actions", a => a.Attr("execute", "complete").Add("complete")).Add(form);

    /// <summary>What people read when it is done.</summary>
    public static Element Done(Element command, string text) => Answer(command, "completed").Add(new Element("note", ReservationNames.Commands).Attr("type", "info").Text(text));

    /// <summary>A request that is none (section 4.4).</summary>
    public static IqReply Bad(IqRequest iq, string condition) => iq.Error(StanzaCondition.BadRequest, application: new Element(condition, ReservationNames.Commands));
}
