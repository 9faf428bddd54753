using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.AdHoc;

/// <summary>Wire forms of ad-hoc commands (XEP-0050) with one form at most.</summary>
public static class AdHocCommand
{
    /// <summary>The namespace, which is the node of the list of commands too.</summary>
    public const string Namespace = "http://jabber.org/protocol/commands";

    /// <summary>What a request wants.</summary>
    public enum Step
    {
        /// <summary>To begin.</summary>
        Begin,
        /// <summary>To go on with a form filled in.</summary>
        Submit,
        /// <summary>To leave it.</summary>
        Cancel,
        /// <summary>Something that a command of one step cannot do (section 4.4): <c>bad-request</c> with <c>bad-action</c>.</summary>
        BadAction,
        /// <summary>A form that cannot be read: <c>bad-request</c> with <c>bad-payload</c>.</summary>
        BadPayload,
    }

    /// <summary>Reads a <c>command</c> element of a request.</summary>
    public static (Step Step, DataForm? Form) Read(Element command)
    {
        var x = command.Child("x", DataForm.Namespace);
        switch (command["action"])
        {
            case "cancel":
                return (Step.Cancel, null);
            case null or "execute" or "complete" or "next":
                break;
            default:
                return (Step.BadAction, null);
        }

        if (x is null) return command["action"] is "complete" or "next" ? (Step.BadAction, null) : (Step.Begin, null);
        return DataForm.Read(x) switch
        {
            { Type: "submit" } form => (Step.Submit, form),
            { Type: "cancel" } => (Step.Cancel, null),
            _ => (Step.BadPayload, null),
        };
    }

    /// <summary>The answer that asks for a form.</summary>
    public static Element Ask(string node, string session, DataForm form) =>
        Answer(node, session, "executing").Add("actions", a => a.Attr("execute", "complete").Add("complete")).Add(form.ToElement());

    /// <summary>The answer that it is done.</summary>
    public static Element Completed(string node, string session, DataForm? form, string? note)
    {
        var command = Answer(node, session, "completed");
        if (note is not null) command.Add("note", n => n.Attr("type", "info").Text(note));
        return command.Add(form?.ToElement());
    }

    /// <summary>The answer that it was left.</summary>
    public static Element Canceled(string node, string session) => Answer(node, session, "canceled");

    /// <summary>The error of section 4.4 for a request that cannot be.</summary>
    public static StanzaError Fault(Step step) => new(StanzaCondition.BadRequest, null, new Element(step == Step.BadPayload ? "bad-payload" : "bad-action", Namespace));

    private static Element Answer(string node, string session, string status) => new Element("command", Namespace).Attr("node", node).Attr("sessionid", session).Attr("status", status);
}
