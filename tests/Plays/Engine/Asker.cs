using System.Text;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plays.Engine;

/// <summary>Somebody who asks by HTTP. Each answer is heard as <c>&lt;answer status='200' …/&gt;</c> with the headers as attributes, and the body in it: XML, or text.</summary>
internal sealed class Asker(HttpMessageHandler handler, Uri server) : Ears
{
    private readonly HttpClient _client = new(handler, disposeHandler: false) { BaseAddress = server };
    private readonly List<Task> _asked = [];

    /// <summary>Asks; the answer is heard when it comes.</summary>
    /// <param name="method">The method.</param>
    /// <param name="address">The path, or the whole address.</param>
    /// <param name="text">Headers, a line each, and what follows them: the body.</param>
    /// <param name="ct">Ends it.</param>
    public void Ask(string method, string address, string text, CancellationToken ct) => _asked.Add(AskAsync(method, address, text, ct));

    public override async ValueTask DisposeAsync()
    {
        _client.CancelPendingRequests();
        await Task.WhenAll(_asked);
        _client.Dispose();
    }

    private async Task AskAsync(string method, string address, string text, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), address);
            var lines = text.TrimEnd('\n').Split('\n');
            var headers = lines.TakeWhile(l => l.Split(": ") is [var name, _, ..] && name.All(c => char.IsAsciiLetter(c) || c == '-')).ToList();
            if (lines.Length > headers.Count && text.Length > 0) request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(string.Join('\n', lines.Skip(headers.Count))));
            foreach (var (name, value) in headers.Select(h => (h.Split(": ")[0], h.Split(": ", 2)[1])))
            {
                if (!request.Headers.TryAddWithoutValidation(name, value)) (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, value);
            }

            using var answer = await _client.SendAsync(request, ct);
            var element = new Element("answer", Pattern.Namespace).Attr("status", $"{(int)answer.StatusCode}");
            foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers)) element.Attr(name.ToLowerInvariant(), string.Join(", ", values));
            var body = await answer.Content.ReadAsStringAsync(ct);
            if (body.Length > 0 && answer.Content.Headers.ContentType?.MediaType?.EndsWith("xml", StringComparison.Ordinal) == true) element.Add(ReadDocument(body));
            else element.Text(body);
            Hear(element);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or FormatException)
        {
            Hear(new Element("answer", Pattern.Namespace).Attr("failure", e.Message));
        }
    }

    private static Element ReadDocument(string body)
    {
        var parser = XmlStreamParser.ForFrames(new XmlStreamLimits());
        return parser.Advance(Encoding.UTF8.GetBytes(body), out _).Element ?? throw new FormatException($"this is no XML document: {body}");
    }
}
