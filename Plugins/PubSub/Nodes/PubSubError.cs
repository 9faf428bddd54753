using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Nodes;

/// <summary>A refusal: RFC 6120's condition and the one of XEP-0060 section 16.1 that says more; null where there is none.</summary>
/// <param name="Condition">The stanza error's condition.</param>
/// <param name="Detail">The name of the condition in <see cref="PubSubNames.Errors"/>.</param>
/// <param name="Feature">What is missing, where the detail is <c>unsupported</c>.</param>
internal sealed record PubSubError(StanzaCondition Condition, string? Detail = null, string? Feature = null)
{
    public static readonly PubSubError NoNode = new(StanzaCondition.ItemNotFound);
    public static readonly PubSubError NoNodeName = new(StanzaCondition.BadRequest, "nodeid-required");
    public static readonly PubSubError BadRequest = new(StanzaCondition.BadRequest);
    public static readonly PubSubError Forbidden = new(StanzaCondition.Forbidden);
    public static readonly PubSubError ItemRequired = new(StanzaCondition.BadRequest, "item-required");
    public static readonly PubSubError InvalidPayload = new(StanzaCondition.BadRequest, "invalid-payload");
    public static readonly PubSubError InvalidOptions = new(StanzaCondition.NotAcceptable, "invalid-options");
    public static readonly PubSubError PreconditionNotMet = new(StanzaCondition.Conflict, "precondition-not-met");
    public static readonly PubSubError InvalidJid = new(StanzaCondition.BadRequest, "invalid-jid");

    /// <summary>What is asked for is not done here.</summary>
    public static PubSubError Unsupported(string feature) => new(StanzaCondition.FeatureNotImplemented, "unsupported", feature);

    /// <summary>The stanza error.</summary>
    public StanzaError ToStanzaError() => new(Condition, application: Detail is null ? null : new Element(Detail, PubSubNames.Errors).Attr("feature", Feature))
    {
        // Profanity starts its list of OMEMO devices only where the number says that there is none yet.
        LegacyCode = Condition == StanzaCondition.ItemNotFound ? 404 : null,
    };
}
