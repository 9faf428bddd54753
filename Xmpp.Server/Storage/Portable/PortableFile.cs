using System.Xml;

namespace Parley.Xmpp.Server.Storage.Portable;

/// <summary>A file that is being imported, read forward only.</summary>
internal sealed class PortableFile : IDisposable
{
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, CloseInput = true };
    private readonly IXmlLineInfo _lines;

    /// <summary>Opens it at its root element.</summary>
    /// <exception cref="XmlException">It is not XML.</exception>
    public PortableFile(string path)
    {
        Path = path;
        Reader = XmlReader.Create(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024), Settings);
        _lines = (IXmlLineInfo)Reader;
        try
        {
            Reader.MoveToContent();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Path { get; }

    public XmlReader Reader { get; }

    public int Line => _lines.LineNumber;

    /// <summary>Whether an element of that name begins here.</summary>
    public bool IsAt(string name, string ns) => Reader.LocalName == name && Reader.NamespaceURI == ns;

    /// <summary>Calls for each child of the element that begins here, and goes behind its end. The call reads the child to behind its end.</summary>
    public async Task EachChildAsync(Func<Task> child)
    {
        var isEmpty = Reader.IsEmptyElement;
        Reader.Read();
        if (isEmpty) return;
        while (Reader.NodeType != XmlNodeType.EndElement)
        {
            if (Reader.NodeType == XmlNodeType.Element) await child();
            else if (!Reader.Read()) return;
        }

        Reader.Read();
    }

    /// <summary>The file that an XInclude element names (XEP-0227 section 5), and goes behind it.</summary>
    /// <exception cref="FormatException">It names none beside or below this one.</exception>
    public string ReadInclude()
    {
        var href = Reader.GetAttribute("href");
        var isPlain = Reader.GetAttribute("parse") is null or "xml" && Reader.GetAttribute("xpointer") is null;
        Reader.Skip();
        if (href is null || !isPlain) throw new FormatException("an include names a part of a file, or none");
        var directory = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        var target = Uri.TryCreate(href, UriKind.Relative, out _) ? System.IO.Path.GetFullPath(System.IO.Path.Combine(directory, Uri.UnescapeDataString(href))) : "";
        return target.StartsWith(directory + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal) ? target : throw new FormatException($"the include of {href} leads elsewhere than beside or below its file");
    }

    public void Dispose() => Reader.Dispose();
}
