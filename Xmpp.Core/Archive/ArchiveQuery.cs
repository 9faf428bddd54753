using System.Diagnostics.CodeAnalysis;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.ResultSets;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Archive;

/// <summary>What is asked of an archive (XEP-0313 section 4). Each filter narrows it; null for none.</summary>
public sealed record ArchiveQuery
{
    /// <summary>The most ids that <see cref="Ids"/> names.</summary>
    public const int MostIds = 500;

    /// <summary>Only messages with this address: a bare one with whatever resource (section 4.1.1).</summary>
    public Jid? With { get; init; }

    /// <summary>Only messages from this time on.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Only messages up to this time.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Only what comes before the entry of this id.</summary>
    public string? BeforeId { get; init; }

    /// <summary>Only what comes after the entry of this id.</summary>
    public string? AfterId { get; init; }

    /// <summary>Only these entries; empty for no such filter. One that is not there makes the whole query fail.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];

    /// <summary>Messages of rooms too, where an account's archive has them; null where it was not said.</summary>
    public bool? IncludesGroupchat { get; init; }

    /// <summary>The page wanted. Its ids are those of entries.</summary>
    public ResultSetRequest Page { get; init; } = new();

    /// <summary>The page's messages are sent newest first (section 4.3.4); it holds the same ones.</summary>
    public bool IsFlipped { get; init; }

    /// <summary>What the results repeat, so that the asker can tell them from others.</summary>
    public string? QueryId { get; init; }

    /// <summary>The archive's node, for pubsub (XEP-0442).</summary>
    public string? Node { get; init; }

    /// <summary>Reads the payload of a request of type set.</summary>
    /// <returns>False with the error to answer: <c>bad-request</c> for values that cannot be meant, <c>feature-not-implemented</c> for fields that nobody knows (section 4.1.5) and for pages by number (XEP-0059 section 2.6).</returns>
    public static bool TryRead(Element payload, [NotNullWhen(true)] out ArchiveQuery? query, [NotNullWhen(false)] out StanzaError? error)
    {
        query = null;
        error = null;
        if (!ResultSetRequest.TryRead(payload, out var page))
        {
            error = new StanzaError(StanzaCondition.BadRequest, "A page has a number of items (XEP-0059).");
            return false;
        }

        if (page.Index is not null)
        {
            error = new StanzaError(StanzaCondition.FeatureNotImplemented, "Pages are asked for by id, not by number.");
            return false;
        }

        var asked = new ArchiveQuery { Page = page, IsFlipped = payload.Child("flip-page") is not null, QueryId = payload["queryid"], Node = payload["node"] };
        if (payload.Child("x", DataForm.Namespace) is { } x)
        {
            if (DataForm.Read(x) is not { Type: "submit", FormType: Ns.Archive } form)
            {
                error = new StanzaError(StanzaCondition.BadRequest, "The form is not one of this protocol, submitted.");
                return false;
            }

            foreach (var field in form.Fields)
            {
                error = ArchiveForm.Read(field, ref asked);
                if (error is not null) return false;
            }
        }

        query = asked;
        return true;
    }
}
