using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Commands;

/// <summary>Moderation for people with any client that has a command list: who may enter, acts on those who are there or wait, and the end of the call.</summary>
public sealed class ModerationCommands(ModerationDoor door, PolicyBook policies) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (!CommandAnswers.IsToRun(iq, out var reply)) return reply!.Value;
        if (!await door.MayModerateAsync(iq.To.Bare, iq.From, iq.Sender.Kind, ct)) return iq.Error(StanzaCondition.Forbidden, "Only moderators may do that.");
        var form = DataForm.Within(iq.Payload);
        if (form is { Type: "cancel" }) return iq.Result(CommandAnswers.Answer(iq.Payload, "canceled"));
        if (form is { Type: not "submit" }) return CommandAnswers.Bad(iq, "bad-payload");
        return iq.Payload["node"] switch
        {
            ModerationNames.End => await ActAsync(iq, new Element("end", ModerationNames.Namespace), "The call was ended.", ct),
            ModerationNames.Policy => form is null ? iq.Result(CommandAnswers.Ask(iq.Payload, ModerationForms.AskPolicy(iq.To.Bare, policies.Of(iq.To.Bare)))) : await SetAsync(iq, form, ct),
            _ => form is null ? await AskWhoAsync(iq, ct) : await ActAsync(iq, form, ct),
        };
    }

    /// <summary>The name of a command of an address; null if it has none of that node.</summary>
    public static string? NameOf(string? node, Jid address) => address.Local is null ? null : node switch
    {
        ModerationNames.Policy => "Say who may enter this room",
        ModerationNames.Act => "Mute, remove or let in somebody",
        ModerationNames.End => "End the call in this room",
        _ => null,
    };

    private async ValueTask<IqReply> SetAsync(IqRequest iq, DataForm form, CancellationToken ct)
    {
        if (ModerationForms.ReadPolicy(form, policies.Of(iq.To.Bare)) is not { } policy) return CommandAnswers.Bad(iq, "bad-payload");
        return await door.SetAsync(iq.To.Bare, policy, iq.From, ct) is { } error ? iq.Error(error) : iq.Result(CommandAnswers.Done(iq.Payload, "That holds from now on."));
    }

    private async ValueTask<IqReply> AskWhoAsync(IqRequest iq, CancellationToken ct)
    {
        var people = await door.AskAsync(iq.To.Bare, ModerationForms.People, ct);
        if (people is not { Count: > 0 }) return iq.Error(StanzaCondition.ItemNotFound, "Nobody is in that call.");
        return iq.Result(CommandAnswers.Ask(iq.Payload, ModerationForms.AskAct(iq.To.Bare, people)));
    }

    private async ValueTask<IqReply> ActAsync(IqRequest iq, DataForm form, CancellationToken ct) =>
        ModerationForms.ReadAct(form) is { } act ? await ActAsync(iq, act, "Done.", ct) : CommandAnswers.Bad(iq, "bad-payload");

    private async ValueTask<IqReply> ActAsync(IqRequest iq, Element act, string done, CancellationToken ct) =>
        await door.ActAsync(iq.Iq, act, iq.Sender.Kind, ct) is { } error ? iq.Error(error) : iq.Result(CommandAnswers.Done(iq.Payload, done));
}
