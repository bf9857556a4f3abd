"""Haystack and LlamaIndex over the same texts, encoder and Chroma, set up as their documentation does: peers.

Haystack 3: documents into ``ChromaDocumentStore``; a pipeline of an embedder and ``ChromaEmbeddingRetriever``; and its
hybrid, ``InMemoryBM25Retriever`` beside ``InMemoryEmbeddingRetriever`` joined by ``DocumentJoiner`` with reciprocal
rank fusion. LlamaIndex: ``VectorStoreIndex`` over ``ChromaVectorStore``, asked through ``as_retriever``. Both would
split long texts; here a text is one document, so that rankings can be compared. They are installed by
``make bench-retrieval`` alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import chromadb

from bot.encoder import Encoder, Vectors

KEPT = 100
"""Documents that are asked for: the measures look at the first ten, and at the first right one."""


def haystack_dense(ids: Sequence[str], texts: Sequence[str], vectors: Vectors, encoder: Encoder) -> Any:
    """Return Haystack's retrieval by vectors in Chroma."""
    from haystack import Pipeline
    from haystack_integrations.components.retrievers.chroma import ChromaEmbeddingRetriever
    from haystack_integrations.document_stores.chroma import ChromaDocumentStore

    store = ChromaDocumentStore(collection_name=f"haystack-{len(ids)}", distance_function="cosine")
    store.write_documents(haystack_documents(ids, texts, vectors))
    road = Pipeline()
    road.add_component("embedder", haystack_embedder(encoder))
    road.add_component("retriever", ChromaEmbeddingRetriever(document_store=store, top_k=KEPT))
    road.connect("embedder.embedding", "retriever.query_embedding")

    def rank(question: str) -> Mapping[str, float]:
        return by_order(road.run({"embedder": {"text": question}})["retriever"]["documents"])

    return rank


def haystack_hybrid(ids: Sequence[str], texts: Sequence[str], vectors: Vectors, encoder: Encoder) -> Any:
    """Return Haystack's hybrid: words and vectors, joined by reciprocal rank fusion."""
    from haystack import Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(haystack_documents(ids, texts, vectors))
    road = Pipeline()
    road.add_component("embedder", haystack_embedder(encoder))
    road.add_component("near", InMemoryEmbeddingRetriever(document_store=store, top_k=KEPT))
    road.add_component("words", InMemoryBM25Retriever(document_store=store, top_k=KEPT))
    road.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=KEPT))
    road.connect("embedder.embedding", "near.query_embedding")
    road.connect("near", "joiner")
    road.connect("words", "joiner")

    def rank(question: str) -> Mapping[str, float]:
        found = road.run({"embedder": {"text": question}, "words": {"query": question}})
        return by_order(found["joiner"]["documents"])

    return rank


def haystack_documents(ids: Sequence[str], texts: Sequence[str], vectors: Vectors) -> list[Any]:
    """Return Haystack's documents."""
    from haystack import Document

    return [
        Document(content=text, meta={"name": name}, embedding=vector.tolist())
        for name, text, vector in zip(ids, texts, vectors, strict=True)
    ]


def haystack_embedder(encoder: Encoder) -> Any:
    """Return Careleaf's encoder as a component of Haystack."""
    from haystack import component

    @component
    class QuestionEmbedder:
        """Encodes a question."""

        @component.output_types(embedding=list[float])
        def run(self, text: str) -> dict[str, list[float]]:
            """Return its vector."""
            return {"embedding": encoder.encode_question(text).tolist()}

    return QuestionEmbedder()


def by_order(documents: Sequence[Any]) -> dict[str, float]:
    """Return a score by place for each document, in the order in which they were found."""
    return {document.meta["name"]: 1.0 / place for place, document in enumerate(documents, start=1)}


def llama_index(ids: Sequence[str], texts: Sequence[str], vectors: Vectors, encoder: Encoder) -> Any:
    """Return LlamaIndex's retrieval by vectors in Chroma."""
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.embeddings import BaseEmbedding
    from llama_index.core.schema import TextNode
    from llama_index.vector_stores.chroma import ChromaVectorStore

    class Embedding(BaseEmbedding):
        """Careleaf's encoder as LlamaIndex wants it."""

        def _get_query_embedding(self, query: str) -> list[float]:
            return [float(value) for value in encoder.encode_question(query)]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

        def _get_text_embedding(self, text: str) -> list[float]:
            return [float(value) for value in encoder.encode_texts([text])[0]]

    collection = chromadb.EphemeralClient().create_collection(
        f"llama-index-{len(ids)}", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
    )
    nodes = [
        TextNode(id_=name, text=text, embedding=vector.tolist())
        for name, text, vector in zip(ids, texts, vectors, strict=True)
    ]
    storage = StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection))
    index = VectorStoreIndex(nodes, storage_context=storage, embed_model=Embedding())
    retriever = index.as_retriever(similarity_top_k=min(KEPT, len(ids)))

    def rank(question: str) -> Mapping[str, float]:
        return {found.node.node_id: 1.0 / place for place, found in enumerate(retriever.retrieve(question), start=1)}

    return rank
