/* SPDX-License-Identifier: MIT */
#include "recipes.h"

#include "number.h"

#include <stddef.h>

enum { WIDTH = 80, INDENT = 4 };

const struct lrp_recipe lrp_recipes[] = {
    {"alexnet", "AlexNet, ImageNet classification", "SGD, momentum 0.9", 0.01, "128 images",
     "divided by 10 when the validation error stops falling", "5e-4",
     "Krizhevsky, Sutskever, Hinton 2012, section 5"},
    {"vgg", "VGG-11 to VGG-19, ImageNet classification", "SGD, momentum 0.9", 0.01, "256 images",
     "divided by 10 when the validation accuracy stops rising", "5e-4",
     "Simonyan, Zisserman, arXiv 1409.1556, section 3.1"},
    {"resnet-imagenet", "ResNet-18 to ResNet-152, ImageNet classification", "SGD, momentum 0.9",
     0.1, "256 images", "divided by 10 when the error plateaus", "1e-4",
     "He, Zhang, Ren, Sun, arXiv 1512.03385, section 3.4"},
    {"resnet-cifar", "ResNet-20 to ResNet-110, CIFAR-10", "SGD, momentum 0.9", 0.1, "128 images",
     "divided by 10 at 32,000 and 48,000 of 64,000 steps; ResNet-110 begins at 0.01", "1e-4",
     "He, Zhang, Ren, Sun, arXiv 1512.03385, section 4.2"},
    {"resnet-large-batch", "ResNet-50, ImageNet, large batches", "SGD, momentum 0.9", 3.2,
     "8,192 images", "linear warm-up of 5 epochs to 0.1 x batch / 256, then steps", "1e-4",
     "Goyal et al., arXiv 1706.02677, sections 2 and 5"},
    {"wide-resnet", "Wide ResNet, CIFAR-10 and CIFAR-100", "SGD, Nesterov momentum 0.9", 0.1,
     "128 images", "times 0.2 at epochs 60, 120 and 160 of 200", "5e-4",
     "Zagoruyko, Komodakis, arXiv 1605.07146, section 3"},
    {"densenet-cifar", "DenseNet, CIFAR-10 and CIFAR-100", "SGD, Nesterov momentum 0.9", 0.1,
     "64 images", "divided by 10 at 50 % and 75 % of 300 epochs", "1e-4",
     "Huang, Liu, van der Maaten, Weinberger, arXiv 1608.06993, section 4.2"},
    {"super-convergence", "ResNet-56, CIFAR-10, one cycle", "SGD, momentum 0.9", 3, "1,000 images",
     "one triangle from 0.1 to 3 in 10,000 steps", "1e-4", "Smith, Topin, arXiv 1708.07120"},
    {"clr-cifar", "small convolutional network of Caffe, CIFAR-10, cyclical", "SGD, momentum 0.9",
     0.006, "100 images", "triangular2 between 0.001 and 0.006, step size 4,000", "4e-3",
     "Smith, arXiv 1506.01186, section 4.1"},
    {"sgdr", "Wide ResNet, CIFAR, warm restarts", "SGD, Nesterov momentum 0.9", 0.05, "128 images",
     "cosine to 0 with restarts: T_0 = 10 epochs, T_mult = 2", "5e-4",
     "Loshchilov, Hutter, arXiv 1608.03983, section 4"},
    {"convnext", "ConvNeXt, ImageNet classification", "AdamW", 4e-3, "4,096 images",
     "linear warm-up of 20 epochs, cosine over 300", "0.05",
     "Liu et al., arXiv 2201.03545, section 2 and appendix A"},
    {"vit", "Vision Transformer B/16 from scratch, ImageNet", "Adam, beta 0.9 and 0.999", 3e-3,
     "4,096 images", "linear warm-up of 10,000 steps, cosine", "0.3",
     "Dosovitskiy et al., arXiv 2010.11929, table 3"},
    {"deit", "DeiT, ImageNet classification", "AdamW", 1e-3, "1,024 images",
     "5e-4 x batch / 512; warm-up of 5 epochs, cosine over 300", "0.05",
     "Touvron et al., arXiv 2012.12877, table 9"},
    {"transformer", "base and big Transformer, translation", "Adam, beta 0.9 and 0.98, eps 1e-9",
     7e-4, "25,000 tokens of each language",
     "width^-0.5 min(step^-0.5, step 4000^-1.5): 7e-4 at step 4,000 for width 512",
     "none (dropout 0.1, label smoothing 0.1)", "Vaswani et al., arXiv 1706.03762, section 5.3"},
    {"bert", "BERT pre-training", "Adam, beta 0.9 and 0.999", 1e-4, "256 sequences",
     "linear warm-up of 10,000 steps, linear decay over 1 M", "0.01",
     "Devlin et al., arXiv 1810.04805, appendix A.2"},
    {"bert-finetuning", "BERT fine-tuning", "Adam", 5e-5, "16 or 32 sequences",
     "the best of 5e-5, 3e-5, 2e-5 over 2 to 4 epochs", "0.01",
     "Devlin et al., arXiv 1810.04805, appendix A.3"},
    {"gpt-3-small", "GPT-3, 125 M parameters", "Adam, beta 0.9 and 0.95, clipped at 1", 6e-4,
     "0.5 M tokens", "warm-up of 375 M tokens, cosine to 10 % over 260 G", "0.1",
     "Brown et al., arXiv 2005.14165, table 2.1 and appendix B"},
    {"gpt-3", "GPT-3, 175 G parameters", "Adam, beta 0.9 and 0.95, clipped at 1", 6e-5,
     "3.2 M tokens", "warm-up of 375 M tokens, cosine to 10 % over 260 G", "0.1",
     "Brown et al., arXiv 2005.14165, table 2.1 and appendix B"},
    {"llama-7b", "LLaMA, 7 G parameters", "AdamW, beta 0.9 and 0.95, clipped at 1", 3e-4,
     "4 M tokens", "warm-up of 2,000 steps, cosine to 10 %", "0.1",
     "Touvron et al., arXiv 2302.13971, table 2 and section 2.3"},
    {"chinchilla", "Chinchilla, 70 G parameters", "AdamW", 1e-4, "1.5 M, then 3 M tokens",
     "cosine to 10 % over just the length of the training", "not stated",
     "Hoffmann et al., arXiv 2203.15556, table 4"},
    {"lstm-medium", "LSTM of 650 units, Penn Treebank words", "SGD, clipped at 5", 1,
     "20 sequences", "divided by 1.2 after each epoch from the 6th on", "none (dropout 0.5)",
     "Zaremba, Sutskever, Vinyals, arXiv 1409.2329, section 4.1"},
    {"awd-lstm", "AWD-LSTM, Penn Treebank and WikiText-2 words",
     "averaged SGD (NT-ASGD), clipped at 0.25", 30, "80 or 40 sequences",
     "constant; averaging begins when the validation loss stops falling", "1.2e-6 (code)",
     "Merity, Keskar, Socher, arXiv 1708.02182, section 5"},
    {"nnunet", "nnU-Net, segmentation of medical images", "SGD, Nesterov momentum 0.99", 0.01,
     "2 and more patches", "times (1 - epoch / 1000)^0.9", "3e-5",
     "Isensee et al., Nature Methods 18, 2021, and its code"},
    {"yolov3", "YOLOv3, COCO detection (darknet)", "SGD, momentum 0.9", 1e-3, "64 images",
     "warm-up of 1,000 steps by (step / 1000)^4, divided by 10 at 400,000 and 450,000", "5e-4",
     "cfg/yolov3.cfg of darknet (Redmon, Farhadi, arXiv 1804.02767)"},
    {"yolov5", "YOLOv5, COCO detection from scratch", "SGD, momentum 0.937", 0.01, "64 images",
     "warm-up of 3 epochs, decay to 1 to 20 % of it over 300", "5e-4",
     "data/hyps of the authors' code"},
    {"ddpm-cifar", "DDPM diffusion, CIFAR-10", "Adam", 2e-4, "128 images",
     "warm-up of 5,000 steps, then constant", "none (averaged weights, 0.9999)",
     "Ho, Jain, Abbeel, arXiv 2006.11239, appendix B, and its code"},
    {"dcgan", "DCGAN, both networks", "Adam, beta 0.5 and 0.999", 2e-4, "128 images", "constant",
     "none", "Radford, Metz, Chintala, arXiv 1511.06434, section 4"},
    {"wgan-gp", "WGAN with gradient penalty", "Adam, beta 0 and 0.9", 1e-4, "64 images",
     "constant or linear to 0; 5 critic steps to one of the generator", "none",
     "Gulrajani et al., arXiv 1704.00028, algorithm 1"},
    {"stylegan2", "StyleGAN2, both networks", "Adam, beta 0 and 0.99, eps 1e-8", 2e-3, "32 images",
     "constant", "none", "Karras et al., arXiv 1912.04958, appendix B"},
    {"biggan", "BigGAN, 128 x 128; the generator's rate is 5e-5", "Adam, beta 0 and 0.999", 2e-4,
     "2,048 images", "constant; 2 discriminator steps to one of the generator", "none",
     "Brock, Donahue, Simonyan, arXiv 1809.11096, appendix C"},
    {NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL},
};

static void append_line(struct lrp_text *out, const char *label, const char *text)
{
    struct lrp_text line;
    lrp_text_init(&line, 4096);
    lrp_text_printf(&line, "%s%s", label, text);
    lrp_text_printf(out, "%*s", INDENT, "");
    lrp_text_append_wrapped(out, lrp_text_string(&line), INDENT, INDENT + 2, WIDTH);
    lrp_text_fini(&line);
}

void lrp_recipe_page(const struct lrp_recipe *recipe, struct lrp_text *out)
{
    char rate[LRP_NUMBER_SIZE];
    struct lrp_text line;
    lrp_text_printf(out, "%-20s lr %s\n", recipe->name, lrp_format_short(recipe->rate, 2, rate));
    lrp_text_init(&line, 4096);
    lrp_text_printf(&line, "%s; batch: %s; weight decay: %s", recipe->optimizer, recipe->batch,
                    recipe->decay);
    append_line(out, "", recipe->what);
    append_line(out, "", lrp_text_string(&line));
    append_line(out, "schedule: ", recipe->schedule);
    append_line(out, "source: ", recipe->source);
    lrp_text_fini(&line);
}
