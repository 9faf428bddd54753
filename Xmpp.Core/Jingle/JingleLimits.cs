namespace Parley.Xmpp.Core.Jingle;

/// <summary>How much of each thing one <c>jingle</c> element may carry. More is the peer's fault and refused whole.</summary>
public static class JingleLimits
{
    /// <summary>Contents.</summary>
    public const int Contents = 64;
    /// <summary>Payload types of a description.</summary>
    public const int Payloads = 64;
    /// <summary>Format parameters of a payload type or a source.</summary>
    public const int Parameters = 32;
    /// <summary>RTCP feedback entries of a payload type or description.</summary>
    public const int Feedback = 32;
    /// <summary>Header extensions of a description.</summary>
    public const int Extensions = 32;
    /// <summary>Sources, and source groups, of a description.</summary>
    public const int Sources = 32;
    /// <summary>Candidates of a transport.</summary>
    public const int Candidates = 32;
    /// <summary>Fingerprints of a transport.</summary>
    public const int Fingerprints = 8;
    /// <summary>Content groups.</summary>
    public const int Groups = 8;
    /// <summary>Other children that are kept for whoever knows them.</summary>
    public const int Extras = 16;
    /// <summary>Characters of a session id, content name, ICE credential, fingerprint or parameter.</summary>
    public const int Text = 512;
}
