using System.Globalization;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Archive;

/// <summary>The form of a query (XEP-0313 section 4.1): what may be filled in, and what was.</summary>
public static class ArchiveForm
{
    private const string Validation = "http://jabber.org/protocol/xdata-validate";

    /// <summary>The answer to a request of type get (section 4.1.5): the fields that there are.</summary>
    public static Element Describe()
    {
        var form = new DataForm("form", Ns.Archive)
            .Add("with", "jid-single", null).Add("start", "text-single", null).Add("end", "text-single", null)
            .Add("before-id", "text-single", null).Add("after-id", "text-single", null).Add("ids", "list-multi", null).Add("include-groupchat", "boolean", null)
            .ToElement();
        // Any id may be given, of too many to list (XEP-0122).
        form.Children.Single(f => f["var"] == "ids").Add(new Element("validate", Validation).Attr("datatype", "xs:string").Add("open"));
        return new Element("query", Ns.Archive).Add(form);
    }

    /// <summary>Takes one field of a submitted form into the query; the error to answer where it cannot be meant, or nobody knows it.</summary>
    internal static StanzaError? Read(FormField field, ref ArchiveQuery query)
    {
        var value = field.Values is [var first, ..] ? first : null;
        switch (field.Name)
        {
            case "FORM_TYPE":
                return null;
            case "ids":
                if (field.Values.Count is 0 or > ArchiveQuery.MostIds) return new StanzaError(StanzaCondition.BadRequest, $"Between 1 and {ArchiveQuery.MostIds} ids are named.");
                query = query with { Ids = field.Values };
                return null;
            case "with" or "start" or "end" or "before-id" or "after-id" or "include-groupchat":
                // An empty field is as one that was not filled in.
                return string.IsNullOrEmpty(value) || TryRead(field.Name, value, ref query) ? null : new StanzaError(StanzaCondition.BadRequest, $"The field {field.Name} has no such value.");
            default:
                return new StanzaError(StanzaCondition.FeatureNotImplemented, "There is no such field.");
        }
    }

    private static bool TryRead(string name, string value, ref ArchiveQuery query)
    {
        switch (name)
        {
            case "with" when Jid.TryParse(value, out var with):
                query = query with { With = with };
                return true;
            case "start" when TryTime(value, out var start):
                query = query with { Start = start };
                return true;
            case "end" when TryTime(value, out var end):
                query = query with { End = end };
                return true;
            case "before-id":
                query = query with { BeforeId = value };
                return true;
            case "after-id":
                query = query with { AfterId = value };
                return true;
            case "include-groupchat" when value is "0" or "1" or "true" or "false":
                query = query with { IncludesGroupchat = value is "1" or "true" };
                return true;
            default:
                return false;
        }
    }

    // XEP-0082 section 3.2: the date and time of XML Schema, always with its zone.
    private static bool TryTime(string text, out DateTimeOffset time)
    {
        time = default;
        if (!text.EndsWith('Z') && text.LastIndexOfAny(['+', '-']) <= text.IndexOf('T', StringComparison.Ordinal)) return false;
        return text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }
}
