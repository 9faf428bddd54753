using System.Globalization;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Stanzas;

/// <summary>The defined conditions of RFC 6120 section 8.3.3.</summary>
public enum StanzaCondition
{
    /// <summary>The XML is not what the recipient could process.</summary>
    BadRequest,
    /// <summary>An entity of that name or address exists already.</summary>
    Conflict,
    /// <summary>The feature is not implemented.</summary>
    FeatureNotImplemented,
    /// <summary>The sender lacks the permission.</summary>
    Forbidden,
    /// <summary>The addressee is gone for good.</summary>
    Gone,
    /// <summary>The server failed.</summary>
    InternalServerError,
    /// <summary>The addressee or item does not exist.</summary>
    ItemNotFound,
    /// <summary>An address is not an address.</summary>
    JidMalformed,
    /// <summary>The recipient's rules refuse it.</summary>
    NotAcceptable,
    /// <summary>Nobody may do this.</summary>
    NotAllowed,
    /// <summary>The sender must authenticate first.</summary>
    NotAuthorized,
    /// <summary>A policy of the service forbids it.</summary>
    PolicyViolation,
    /// <summary>The recipient is unavailable for now.</summary>
    RecipientUnavailable,
    /// <summary>Elsewhere, for now.</summary>
    Redirect,
    /// <summary>The sender must register first.</summary>
    RegistrationRequired,
    /// <summary>The remote server does not exist.</summary>
    RemoteServerNotFound,
    /// <summary>The remote server did not answer in time.</summary>
    RemoteServerTimeout,
    /// <summary>The server is short of a resource.</summary>
    ResourceConstraint,
    /// <summary>Nothing there provides the service.</summary>
    ServiceUnavailable,
    /// <summary>A subscription is needed first.</summary>
    SubscriptionRequired,
    /// <summary>None of the others; an application-specific one follows.</summary>
    UndefinedCondition,
    /// <summary>The request came out of order.</summary>
    UnexpectedRequest,
}

/// <summary>What may follow from an error (RFC 6120 section 8.3.2).</summary>
public enum StanzaErrorType
{
    /// <summary>Retry after providing credentials.</summary>
    Auth,
    /// <summary>Do not retry.</summary>
    Cancel,
    /// <summary>Proceed: it was a warning.</summary>
    Continue,
    /// <summary>Retry after changing the data.</summary>
    Modify,
    /// <summary>Retry after waiting.</summary>
    Wait,
}

/// <summary>A stanza error: a condition, its type, and optionally a text and an application-specific condition.</summary>
public sealed record StanzaError(StanzaCondition Condition, StanzaErrorType Type, string? Text = null, Element? Application = null)
{
    /// <summary>An error with the type that RFC 6120 section 8.3.3 pairs with the condition.</summary>
    public StanzaError(StanzaCondition condition, string? text = null, Element? application = null)
        : this(condition, DefaultType(condition), text, application) { }

    /// <summary>The number that the condition had before there were conditions (XEP-0086), for clients that still go by it; null: none is said.</summary>
    public int? LegacyCode { get; init; }

    /// <summary>The <c>error</c> element.</summary>
    public Element ToElement()
    {
        var error = new Element("error", Ns.Client).Attr("type", NameOf(Type.ToString())).Attr("code", LegacyCode?.ToString(CultureInfo.InvariantCulture));
        error.Add(new Element(NameOf(Condition.ToString()), Ns.Stanzas));
        if (Text is not null) error.Add(new Element("text", Ns.Stanzas).Text(Text));
        return error.Add(Application);
    }

    /// <summary>Reads the error of a stanza; <c>undefined-condition</c> if it carries none that is defined.</summary>
    public static StanzaError Of(Stanza stanza)
    {
        var error = stanza.Element.Child("error", Ns.Client);
        var condition = StanzaCondition.UndefinedCondition;
        foreach (var child in error?.Children ?? [])
        {
            if (child.Namespace != Ns.Stanzas || child.Name == "text") continue;
            foreach (var known in Enum.GetValues<StanzaCondition>())
            {
                if (NameOf(known.ToString()) == child.Name) condition = known;
            }
        }

        var type = Enum.GetValues<StanzaErrorType>().Cast<StanzaErrorType?>().FirstOrDefault(t => NameOf(t.ToString()!) == error?["type"]) ?? DefaultType(condition);
        return new StanzaError(condition, type, error?.Child("text", Ns.Stanzas)?.Value,
            error?.Children.FirstOrDefault(c => c.Namespace != Ns.Stanzas && c.Namespace != Ns.Client));
    }

    /// <summary>The type paired with a condition by RFC 6120 section 8.3.3.</summary>
    public static StanzaErrorType DefaultType(StanzaCondition condition) => condition switch
    {
        StanzaCondition.BadRequest or StanzaCondition.JidMalformed or StanzaCondition.NotAcceptable or StanzaCondition.PolicyViolation or StanzaCondition.Redirect => StanzaErrorType.Modify,
        StanzaCondition.Forbidden or StanzaCondition.NotAuthorized or StanzaCondition.RegistrationRequired or StanzaCondition.SubscriptionRequired => StanzaErrorType.Auth,
        StanzaCondition.RecipientUnavailable or StanzaCondition.RemoteServerTimeout or StanzaCondition.ResourceConstraint or StanzaCondition.UnexpectedRequest => StanzaErrorType.Wait,
        _ => StanzaErrorType.Cancel,
    };

    // BadRequest -> bad-request
    private static string NameOf(string pascal) => string.Concat(pascal.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
