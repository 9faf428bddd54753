using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Streams;

/// <summary>An error that ends a stream (RFC 6120 section 4.9).</summary>
/// <param name="Condition">The condition, one of <see cref="StreamConditions"/>.</param>
/// <param name="Text">A text for whoever reads the log of the other side.</param>
/// <param name="Application">An application-specific condition (section 4.9.4); null for none.</param>
public sealed record StreamError(string Condition, string? Text = null, Element? Application = null)
{
    /// <summary>The <c>stream:error</c> element.</summary>
    public Element ToElement()
    {
        var error = new Element("error", Ns.Streams).Add(new Element(Condition, Ns.StreamErrors));
        if (Text is not null) error.Add(new Element("text", Ns.StreamErrors).Attr("lang", "en", XmlStreamNames.Xml).Text(Text));
        return error.Add(Application);
    }
}

/// <summary>The defined conditions of RFC 6120 section 4.9.3 that this server says.</summary>
public static class StreamConditions
{
    /// <summary>XML that cannot be processed (section 4.9.3.1).</summary>
    public const string BadFormat = "bad-format";
    /// <summary>The stream element bears another prefix than <c>stream</c> (section 4.9.3.2).</summary>
    public const string BadNamespacePrefix = "bad-namespace-prefix";
    /// <summary>A newer stream took the resource (section 4.9.3.3).</summary>
    public const string Conflict = "conflict";
    /// <summary>Silence for too long (section 4.9.3.4).</summary>
    public const string ConnectionTimeout = "connection-timeout";
    /// <summary>The domain is not served here (section 4.9.3.6).</summary>
    public const string HostUnknown = "host-unknown";
    /// <summary>An address that lacks or breaks the rules (section 4.9.3.7).</summary>
    public const string ImproperAddressing = "improper-addressing";
    /// <summary>The server failed (section 4.9.3.8).</summary>
    public const string InternalServerError = "internal-server-error";
    /// <summary>A <c>from</c> that is not the sender's (section 4.9.3.9).</summary>
    public const string InvalidFrom = "invalid-from";
    /// <summary>The stream's or the content's namespace is not supported (section 4.9.3.10).</summary>
    public const string InvalidNamespace = "invalid-namespace";
    /// <summary>Stanzas before authentication, or credentials withdrawn (section 4.9.3.12).</summary>
    public const string NotAuthorized = "not-authorized";
    /// <summary>Not XML, or not namespace-well-formed (section 4.9.3.13).</summary>
    public const string NotWellFormed = "not-well-formed";
    /// <summary>A local limit was passed (section 4.9.3.14).</summary>
    public const string PolicyViolation = "policy-violation";
    /// <summary>Another server cannot be reached for authentication (section 4.9.3.15).</summary>
    public const string RemoteConnectionFailed = "remote-connection-failed";
    /// <summary>The server is short of something (section 4.9.3.17).</summary>
    public const string ResourceConstraint = "resource-constraint";
    /// <summary>Comments, processing instructions, DTDs or entities of one's own (section 4.9.3.18).</summary>
    public const string RestrictedXml = "restricted-xml";
    /// <summary>The server stops (section 4.9.3.20).</summary>
    public const string SystemShutdown = "system-shutdown";
    /// <summary>None of the others (section 4.9.3.21).</summary>
    public const string UndefinedCondition = "undefined-condition";
    /// <summary>Not UTF-8 (section 4.9.3.22).</summary>
    public const string UnsupportedEncoding = "unsupported-encoding";
    /// <summary>A stream feature that was not offered (section 4.9.3.23).</summary>
    public const string UnsupportedFeature = "unsupported-feature";
    /// <summary>A top-level element that is no stanza (section 4.9.3.24).</summary>
    public const string UnsupportedStanzaType = "unsupported-stanza-type";
    /// <summary>Not version 1.0 (section 4.9.3.25).</summary>
    public const string UnsupportedVersion = "unsupported-version";
}
