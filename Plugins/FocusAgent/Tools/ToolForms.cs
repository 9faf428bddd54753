using System.Globalization;
using System.Net;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Reservations;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Tools;

/// <summary>The forms of the commands for tools (XEP-0004).</summary>
internal static class ToolForms
{
    private const string None = "none";

    private static readonly (string Word, MediaToolDirection Value)[] Directions =
        [("sendrecv", MediaToolDirection.SendReceive), ("sendonly", MediaToolDirection.SendOnly), ("recvonly", MediaToolDirection.ReceiveOnly)];

    /// <summary>Asks what tool is to be connected.</summary>
    public static Element AskConnect(Jid room, RelayCapabilities capabilities)
    {
        var form = Form("form", $"Connect a media tool to {room}", "A program that sends and takes plain RTP. What it sends and what it is sent is not encrypted.");
        form.Add(Text("name", "Name", "")).Add(Text("address", "The tool's IP address", ""));
        foreach (var (kind, port) in new[] { (MediaKind.Audio, "5004"), (MediaKind.Video, "5006") })
        {
            var word = Word(kind);
            form.Add(Choice(word, kind.ToString(), None, [None, .. capabilities.Codecs.Where(c => c.Kind == kind).Select(c => c.Codec).Distinct()]))
                .Add(Text($"{word}-port", $"The UDP port where it takes {word}", port)).Add(Text($"{word}-payload", $"Payload type of {word}, where it is not the usual one", ""))
                .Add(Choice($"{word}-direction", $"Which way {word} goes, as the tool sees it", Directions[0].Word, Directions.Select(d => d.Word)));
        }

        return form.Add(new Element("field", ReservationNames.Forms).Attr("type", "boolean").Attr("var", "rtcp-mux").Attr("label", "RTCP on the port of RTP").Add("value", v => v.Text("0")));
    }

    /// <summary>Reads the answer; null if it cannot be one.</summary>
    public static MediaToolRequest? ReadConnect(Element form, Jid room)
    {
        if (!IPAddress.TryParse(ReservationForms.Value(form, "address")?.Trim(), out var address)) return null;
        if (!TryReadStream(form, MediaKind.Audio, out var audio) || !TryReadStream(form, MediaKind.Video, out var video)) return null;
        return new MediaToolRequest(room, ReservationForms.Value(form, "name") ?? "", address, audio, video);
    }

    /// <summary>Shows what came of it.</summary>
    public static Element Show(MediaToolConnection made)
    {
        var sdp = new Element("field", ReservationNames.Forms).Attr("type", "text-multi").Attr("var", "sdp").Attr("label", "What it receives (SDP), and where it is to send");
        foreach (var line in made.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)) sdp.Add("value", v => v.Text(line));
        return Form("result", "The tool is in the room", null).Add(new Element("field", ReservationNames.Forms).Attr("var", "id").Attr("label", "Id").Add("value", v => v.Text(made.Id!))).Add(sdp);
    }

    /// <summary>Asks which tool is to go.</summary>
    public static Element AskDisconnect(Jid room, IReadOnlyList<MediaTool> tools) =>
        Form("form", $"Take a media tool out of {room}", null).Add(Choice("id", "Tool", tools.Count > 0 ? tools[0].Id : "", tools.Select(t => t.Id), tools.Select(t => t.Name)));

    private static bool TryReadStream(Element form, MediaKind kind, out MediaToolStream? stream)
    {
        stream = null;
        var word = Word(kind);
        if (ReservationForms.Value(form, word) is not { Length: > 0 } codec || codec == None) return true;
        var payload = ReservationForms.Value(form, $"{word}-payload")?.Trim();
        var number = -1;
        if (!TryNumber(ReservationForms.Value(form, $"{word}-port"), out var port) || (payload is { Length: > 0 } && !TryNumber(payload, out number))) return false;
        var direction = ReservationForms.Value(form, $"{word}-direction");
        if (direction is not null && !Directions.Any(d => d.Word == direction)) return false;
        stream = new MediaToolStream(port, codec, number < 0 ? null : number, Directions.FirstOrDefault(d => d.Word == direction).Value, ReservationForms.Value(form, "rtcp-mux") is "1" or "true");
        return true;
    }

    private static bool TryNumber(string? text, out int number) => int.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static string Word(MediaKind kind) => kind == MediaKind.Audio ? "audio" : "video";

    private static Element Form(string type, string title, string? instructions)
    {
        var form = new Element("x", ReservationNames.Forms).Attr("type", type).Add("title", t => t.Text(title));
        if (instructions is not null) form.Add("instructions", i => i.Text(instructions));
        return form.Add(new Element("field", ReservationNames.Forms).Attr("type", "hidden").Attr("var", "FORM_TYPE").Add("value", v => v.Text(ToolCommands.Namespace)));
    }

    private static Element Text(string name, string label, string value) =>
        new Element("field", ReservationNames.Forms).Attr("type", "text-single").Attr("var", name).Attr("label", label).Add("value", v => v.Text(value));

    private static Element Choice(string name, string label, string value, IEnumerable<string> options, IEnumerable<string>? labels = null)
    {
        var field = new Element("field", ReservationNames.Forms).Attr("type", "list-single").Attr("var", name).Attr("label", label).Add("value", v => v.Text(value));
        foreach (var (option, shown) in options.Zip(labels ?? options)) field.Add("option", o => o.Attr("label", shown).Add("value", v => v.Text(option)));
        return field;
    }
}
