using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.VCard;

/// <summary>Shows an account's vCard to whoever asks (XEP-0054 sections 3.1 and 3.3): a vCard is public.</summary>
internal sealed class VCardGetHandler(CardStore cards) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) =>
        await cards.ShownAsync(iq.To.Bare, iq.From, ct) is { } card ? iq.Result(card) : iq.Error(StanzaCondition.ItemNotFound);
}
