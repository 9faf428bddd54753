using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.VCard;

/// <summary>vCard4 (XEP-0292): an item of a node, for clients that ask for it there, and the same by request.</summary>
internal static class VCard4
{
    /// <summary>The namespace of the card.</summary>
    public const string Namespace = "urn:ietf:params:xml:ns:vcard-4.0";

    /// <summary>The node that has it.</summary>
    public const string Node = "urn:xmpp:vcard4";

    /// <summary>The name of the one item.</summary>
    public const string Item = "current";
}

/// <summary>Shows an account's vCard4 to those whom its node lets in.</summary>
internal sealed class VCard4GetHandler(IContributions<IPersonalEvents> contributed) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (contributed.Items is not [var events, ..]) return iq.Error(StanzaCondition.ServiceUnavailable);
        var items = await events.ReadAsync(iq.To.Bare, VCard4.Node, iq.From, ct);
        return items is [.., { Payload: { } card }] && card.Is("vcard", VCard4.Namespace) ? iq.Result(card) : iq.Error(StanzaCondition.ItemNotFound);
    }
}

/// <summary>Replaces an account's vCard4, which only its owner may.</summary>
internal sealed class VCard4SetHandler(IContributions<IPersonalEvents> contributed) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.Sender.Kind != SenderKind.Account || iq.From.Bare != iq.To.Bare) return iq.Error(StanzaCondition.Forbidden);
        if (contributed.Items is not [var events, ..]) return iq.Error(StanzaCondition.ServiceUnavailable);
        return await events.PublishAsync(iq.To.Bare, VCard4.Node, new PersonalItem(VCard4.Item, iq.Payload), ct: ct) ? iq.Result() : iq.Error(StanzaCondition.NotAcceptable);
    }
}
